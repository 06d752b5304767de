"""One line for what cannot be done right now, and why: no popup, gone with the next thing that works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fedkd_slicer.panel.review.state import NotAllowed
from fedkd_slicer.slice_planes import NothingToShow


class Says(Protocol):
    """Shows one line to the reader; empty: nothing."""

    def __call__(self, text: str) -> None: ...


def attempt(action: Callable[[], object], says: Says) -> bool:
    """Do it and return True; where it is not allowed, or there is nothing to show, say why."""
    # Before, not after: what is done may say something itself.
    says("")
    try:
        action()
    except (NotAllowed, NothingToShow) as answer:
        says(str(answer))
        return False
    return True
