"""What went wrong in the engine, in words for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import printable
from fedkd_slicer.panel.engine.advice import in_the_panel
from fedkd_slicer.panel.engine.json_lines_process import ProcessEnd


@dataclass(frozen=True)
class Trouble:
    """A failure. ``details``: for a report, not for the first look."""

    what: str
    where: str
    what_to_do: str
    name: str = ExitCode.INTERNAL.name
    details: str = ""

    @classmethod
    def told(cls, error: dict[str, Any]) -> Trouble:
        """Return what the engine said went wrong."""
        what, where, what_to_do, name = (
            printable(str(error.get(key, ""))) for key in ("what", "where", "what_to_do", "name")
        )
        return cls(what, where, in_the_panel(name, what_to_do), name)

    @classmethod
    def of(cls, error: FedkdError) -> Trouble:
        """Return what went wrong in the panel's own work on files."""
        return cls(error.what, error.where, error.what_to_do, error.code.name)

    @classmethod
    def of_end(cls, end: ProcessEnd) -> Trouble:
        """Return what it means that the engine ended without a word."""
        how = f"signal {-end.status}" if end.status < 0 else f"status {end.status}"
        if "No module named" in end.last_words:
            return cls(
                "The engine's packages are not installed in the Python that was chosen.",
                "Settings",
                'Press "Install packages" on the Settings tab, or choose another Python there.',
                ExitCode.DEPENDENCY_MISSING.name,
                printable(end.last_words),
            )
        return cls(
            f"The engine ended unexpectedly ({how}).",
            "engine",
            "Try again. What was saved is still there.",
            details=printable(end.last_words),
        )

    @classmethod
    def of_start(cls, error: OSError, program: str) -> Trouble:
        """Return why the engine could not be started."""
        return cls(
            f"The engine could not be started: {error.strerror or error}.",
            program,
            "Choose another Python on the Settings tab.",
            ExitCode.DEPENDENCY_MISSING.name,
        )
