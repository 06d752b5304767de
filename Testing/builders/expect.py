"""What every refusal must have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fedkd.errors import ExitCode, FedkdError


@contextmanager
def refusal(code: ExitCode, *words: str, where: object = "") -> Iterator[None]:
    """Expect a FedkdError with this code, whose message has ``words`` and says what, where and what to do."""
    with pytest.raises(FedkdError) as caught:
        yield
    error = caught.value
    assert error.code is code, error
    assert str(where) in error.where
    for part in (error.what, error.where, error.what_to_do):
        assert part.strip(), error
    assert error.what.endswith((".", ":")), error.what
    for word in words:
        assert word in str(error), f"{word!r} not in {error}"
    assert "Secret" not in str(error)  # no patient's name
