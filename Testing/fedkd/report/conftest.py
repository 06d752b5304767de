"""What the report's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def no_browser() -> Iterator[None]:
    """Printing takes seconds and has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield
