"""What a reader must know before using the results, as text beside them in the scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.plain_text import printable

ABOUT_NODE_NAME = "About these results"
NO_MODEL = "none"  # shown where people placed the landmarks


@dataclass(frozen=True)
class About:
    """What is told.

    Args:
        case_id: the case.
        model_id: the model that made the results; None where people placed the landmarks.
        landmark_source: who else placed or corrected landmarks, where that is known.
        found: landmark name -> what is known of it, may be empty; those that were not found are absent.
        remarks: notes, and what is doubtful, one sentence each.
    """

    case_id: str
    model_id: str | None
    landmark_source: str | None
    found: Mapping[str, str]
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it as lines."""
        lines = [
            NOT_FOR_CLINICAL_USE,
            f"Case: {self.case_id}",
            f"Model: {self.model_id or NO_MODEL}",
            *self._origin(),
            *(f"{name}: {self._state(name)}" for name in LANDMARK_NAMES if name in self.found),
            *(f"{name}: not found" for name in LANDMARK_NAMES if name not in self.found),
            *self.remarks,
        ]
        return "".join(f"{printable(line)}\n" for line in lines)

    def _origin(self) -> list[str]:
        lines = ["Check every landmark and the calcification."]
        if self.model_id is not None:
            lines = ["The landmarks and the calcification were predicted by a neural network: check every one of them."]
        if self.landmark_source is not None:
            lines.append(f"Landmarks: {self.landmark_source}.")
        return lines

    def _state(self, name: str) -> str:
        return f"found, {self.found[name]}" if self.found[name] else "found"
