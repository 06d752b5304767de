"""Do a case's numbers and report rest on the landmarks and the threshold that its reader left?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fedkd.case.layout import MEASUREMENTS_FILE, REVIEW_FILE
from fedkd.geometry import is_same_place

_MOST_BYTES = 20_000_000


def is_as_reviewed(folder: Path) -> bool:
    """Return False when the case was reviewed after it was measured, or was never measured; True without a review."""
    if not (folder / REVIEW_FILE).exists():
        return True
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
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
