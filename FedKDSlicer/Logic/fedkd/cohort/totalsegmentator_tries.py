"""TotalSegmentator, asked for case after case until it fails once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fedkd.errors import FedkdError
from fedkd.heart.totalsegmentator import is_installed
from fedkd.progress import ProgressEvent, Report

_Found = TypeVar("_Found")


class TotalSegmentatorTries:
    """Whether TotalSegmentator is still worth asking in a run.

    Without weights, network or license it fails on every case, and may take minutes to do so.

    Args:
        looks_for: what it is asked for, in words.
        stand_in: what looks instead once it has failed, as the beginning of a sentence.
        wanted: False when the user gave what it would look for.
    """

    def __init__(self, looks_for: str, stand_in: str, *, wanted: bool) -> None:
        self._looks_for = looks_for
        self._stand_in = stand_in
        self._worth_asking = wanted and is_installed()

    def ask(self, look: Callable[[], _Found], report: Report) -> tuple[_Found | None, tuple[str, ...]]:
        """Return what ``look`` finds, or None when nothing was asked, and notes that say what did not work."""
        if not self._worth_asking:
            return None, ()
        report(ProgressEvent("heart", 0.0, f"TotalSegmentator looks for {self._looks_for}"))
        try:
            return look(), ()
        except FedkdError as error:
            self._worth_asking = False
            return None, (f"{error.what} {self._stand_in}",)
