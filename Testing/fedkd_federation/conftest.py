"""One federation for many tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.federation_course import Course, played


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return what happened to a federation."""
    with played(tmp_path_factory.mktemp("federation")) as happened:
        yield happened
