"""A reading as it goes to and comes from the engine: the JSON of reading.json (reading.schema.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedkd_slicer.panel.annotate.state import ImportedFile, ReadingState, ReadLandmark
from fedkd_slicer.panel.review.state import PointLps


@dataclass(frozen=True)
class OpenedReading:
    """A reading that is open. ``rest`` is what the panel only hands back.

    ``ct_file``: the CT as one file; it stays as long as the engine.
    """

    observer: str
    site: str
    case: str
    number: int
    blind: bool
    folder: Path
    ct_file: Path
    state: ReadingState
    seconds: dict[str, float]
    rest: dict[str, Any]

    @classmethod
    def read(cls, answer: dict[str, Any]) -> OpenedReading:
        """Return the reading of a ``ReadingOpenedAnswer``."""
        reading = answer["reading"]
        return cls(
            **{name: reading[name] for name in ("observer", "site", "case", "number", "blind")},
            folder=Path(answer["folder"]),
            ct_file=Path(answer["ct_file"]),
            state=_state(reading),
            seconds={one["label"]: one["seconds"] for one in reading["landmarks"]},
            rest=dict(reading),
        )

    def document(self, state: ReadingState, seconds: Mapping[str, float]) -> dict[str, Any]:
        """Return the document to be saved."""
        return {
            **self.rest,
            "landmarks": [
                {
                    "label": one.label,
                    "state": one.state,
                    "position_lps_mm": one.position_lps_mm,
                    "reason": one.reason,
                    "imported": one.imported,
                    "seconds": round(seconds.get(one.label, 0.0), 2),
                }
                for one in state.landmarks
            ],
            "imported": [{"file": each.file, "order": list(each.order)} for each in state.imported],
            "calcification": state.calcification,
            "comment": state.comment,
        }


def _state(reading: dict[str, Any]) -> ReadingState:
    return ReadingState(
        landmarks=tuple(
            ReadLandmark(one["label"], one["state"], _point(one["position_lps_mm"]), one["reason"], one["imported"])
            for one in reading["landmarks"]
        ),
        imported=tuple(ImportedFile(each["file"], tuple(each["order"])) for each in reading["imported"]),
        calcification=reading["calcification"],
        comment=reading["comment"],
    )


def _point(numbers: Sequence[float] | None) -> PointLps | None:
    return None if numbers is None else (numbers[0], numbers[1], numbers[2])
