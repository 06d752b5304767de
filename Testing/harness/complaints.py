"""What went wrong while a test ran, kept where no ``except`` of the code under test can lose it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType


class UnknownStandIn(AttributeError):  # noqa: N818 (it names what is missing)
    """The code asked for something of Slicer or Qt that the harness has no stand-in for."""


class UndocumentedName(AttributeError):  # noqa: N818
    """The code asked for something that ``documented_apis.json`` does not list."""


@dataclass
class Complaints:
    """One list for the whole process: there is one application in it, as there is in Slicer."""

    texts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.texts.append(text)

    def add_exception(self, where: str, error: BaseException) -> None:
        """Note an exception that left a slot, a timer's callback, an observer, or a reimplemented method."""
        lines = "".join(traceback.format_exception(error))
        self.add(f"an exception left {where}:\n{lines}")

    def unknown(self, name: str) -> UnknownStandIn:
        """Note that ``name`` was asked for and return the error to raise."""
        text = f"the harness does not know {name}"
        self.add(f"{text}\n{_caller_lines()}")
        return UnknownStandIn(text)

    def undocumented(self, name: str) -> UndocumentedName:
        """Note that ``name`` was used without being listed and return the error to raise."""
        text = f"{name} is not listed in Testing/harness/documented_apis.json"
        self.add(f"{text}\n{_caller_lines()}")
        return UndocumentedName(text)

    def take(self) -> list[str]:
        """Return what there is and forget it."""
        taken, self.texts[:] = list(self.texts), []
        return taken

    @contextmanager
    def expected(self, part: str) -> Iterator[None]:
        """Let one complaint that contains ``part`` come up inside the block, and fail without it."""
        before = len(self.texts)
        yield
        matching = [text for text in self.texts[before:] if part in text]
        if not matching:
            raise AssertionError(f"no complaint about {part!r}; complaints: {self.texts[before:]}")
        self.texts[before:] = [text for text in self.texts[before:] if text not in matching]


COMPLAINTS = Complaints()


def watch_uncaught_exceptions() -> Callable[[], None]:
    """Note what Qt's and VTK's callbacks would only print. Returns a function that ends the watch."""
    before = sys.excepthook

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        COMPLAINTS.add_exception("a callback", error.with_traceback(trace))
        before(kind, error, trace)

    sys.excepthook = note

    def stop() -> None:
        sys.excepthook = before

    return stop


def _caller_lines() -> str:
    inside = "Testing/harness/"
    frames = [frame for frame in traceback.extract_stack() if inside not in frame.filename.replace("\\", "/")]
    return "".join(traceback.format_list(frames[-3:]))
