"""What left this site: one JSON line for each message, written before it is sent."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class AuditLine(BaseModel):
    """One message that left.

    Args:
        when: UTC.
        what: kind of message.
        content: in words, what it held.
        size_bytes: before the transport's own framing.
        to: address it went to.
        study: sha256 of the study file, empty before one is approved.
        experiment: Fed-BioMed's number of the stage's run, empty outside rounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: datetime
    what: str
    content: str
    size_bytes: int
    to: str
    study: str = ""
    experiment: str = ""


class AuditLog:
    """Appends to a file that only its owner may read. A line that cannot be written stops the message it is about.

    Args:
        path: of the file.
        to: address of the coordinator.
        study_sha256: of the approved study.
    """

    def __init__(self, path: Path, to: str, study_sha256: str) -> None:
        self._path = path
        self._to = to
        self._study = study_sha256
        self._lock = threading.Lock()

    def write(self, what: str, content: str, size_bytes: int, experiment: str = "") -> None:
        """Append a line and bring it to the disk.

        Raises:
            OSError: it could not be written.
        """
        line = AuditLine(
            when=datetime.now(UTC),
            what=what,
            content=content,
            size_bytes=size_bytes,
            to=self._to,
            study=self._study,
            experiment=experiment,
        )
        data = (line.model_dump_json() + "\n").encode()
        with self._lock:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def read_audit(path: Path) -> list[AuditLine]:
    """Return the lines of an audit log, none when there is no file. A line cut short by a crash is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [AuditLine.model_validate_json(line) for line in lines[:-1] if line.endswith("}")]
