"""One line for what cannot be done right now, and why: no popup, gone with the next thing that works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fedkd_slicer.panel.review.state import NotAllowed


class Says(Protocol):
    """Shows one line to the reader; empty: nothing."""

    def __call__(self, text: str) -> None: ...


def attempt(action: Callable[[], None], says: Says) -> bool:
    """Do it and return True; where it is not allowed, say why."""
    try:
        action()
    except NotAllowed as answer:
        says(str(answer))
        return False
    says("")
    return True
