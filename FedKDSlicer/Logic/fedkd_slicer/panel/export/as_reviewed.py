"""Do a case's numbers rest on what its reader left, and does its report say what the reader decided?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fedkd.case.layout import MEASUREMENTS_FILE, PROVENANCE_FILE, REVIEW_FILE
from fedkd.geometry import is_same_place

_MOST_BYTES = 20_000_000


def is_as_reviewed(folder: Path) -> bool:
    """Return False when anything was reviewed after the report was made; True without a review."""
    path = folder / REVIEW_FILE
    return not path.exists() or (_is_reported(path) and _is_measured(folder))


def _is_reported(path: Path) -> bool:
    """True when the report shows this very review: who decided what, and the comment."""
    provenance = _read(path.parent / PROVENANCE_FILE)
    shown = provenance.get("reported_review_sha256") if isinstance(provenance, dict) else None
    content = _bytes_of(path)
    return content is not None and shown == hashlib.sha256(content).hexdigest()


def _is_measured(folder: Path) -> bool:
    review, measured = _read(folder / REVIEW_FILE), _read(folder / MEASUREMENTS_FILE)
    try:
        if review["calcium_threshold"] != measured["calcium_threshold"]:
            return False
        now = {one["label"]: one["position_lps_mm"] for one in review["landmarks"]}
        then = {label: record["position_lps_mm"] for label, record in measured["landmarks"].items()}
        return now.keys() == then.keys() and all(is_same_place(now[label], then[label]) for label in now)
    except (KeyError, TypeError, AttributeError, ValueError):
        return False  # damaged: nobody can say what its numbers rest on


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    content = _bytes_of(path)
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _MOST_BYTES else None
    except OSError:
        return None
