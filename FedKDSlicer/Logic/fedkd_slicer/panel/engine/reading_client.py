"""What the annotation asks of ``fedkd session``. Answers have the fields of session.schema.json."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd_slicer.panel.engine.json_lines_process import JsonObject
from fedkd_slicer.panel.engine.session_client import Answered, Failed, SessionClient


@dataclass(frozen=True)
class Study:
    """Who reads, and what.

    Args:
        observer: a code, never a name.
        site: a code.
        cts: the folder with the CTs.
        readings: the folder for all readings.
        blind: nothing of anybody else's can be seen or loaded.
    """

    observer: str
    site: str
    cts: Path
    readings: Path
    blind: bool


@dataclass(frozen=True)
class CaseToRead:
    """A case of the worklist: ``number`` of the reading that is next or under way; ``done``: how many were finished."""

    case: str
    ct: Path
    number: int
    has_draft: bool
    done: int

    @classmethod
    def read(cls, line: JsonObject) -> CaseToRead:
        """Return the case of a ``WorklistLine``."""
        return cls(line["case"], Path(line["ct"]), line["number"], line["state"] == "draft", line["done"])


class ReadingClient(SessionClient):
    """A session for readings."""

    def list_cases(self, study: Study, answered: Answered, failed: Failed) -> None:
        """Ask for the observer's cases (``WorklistAnswer``)."""
        what = {"do": "worklist", "observer": study.observer, "blind": study.blind}
        self.ask(what | {"cts": str(study.cts), "readings": str(study.readings)}, answered, failed)

    def open_reading(
        self, study: Study, case: CaseToRead, protocol_version: str, answered: Answered, failed: Failed
    ) -> None:
        """Begin a reading, or go on with its draft (``ReadingOpenedAnswer``)."""
        who = {"observer": study.observer, "site": study.site, "blind": study.blind}
        which = {"ct": str(case.ct), "case": case.case, "number": case.number, "readings": str(study.readings)}
        self.ask({"do": "open_reading", "protocol_version": protocol_version, **who, **which}, answered, failed)

    def save_reading(self, reading: JsonObject, answered: Answered, failed: Failed) -> None:
        """Save the draft (``ReadingSavedAnswer``)."""
        self.ask({"do": "save_reading", "reading": reading}, answered, failed)

    def finish_reading(self, reading: JsonObject, answered: Answered, failed: Failed) -> None:
        """Write the point sets and end the reading (``ReadingSavedAnswer``)."""
        self.ask({"do": "finish_reading", "reading": reading}, answered, failed)

    def import_points(self, path: Path, order: tuple[str, ...], answered: Answered, failed: Failed) -> None:
        """Read points from a file or case folder (``ImportedAnswer``); ``order``: of a .mps, empty: the study's."""
        self.ask({"do": "import_points", "path": str(path), "order": list(order)}, answered, failed)
