"""The heart's parts for models that want them: from the user's file, TotalSegmentator, or else our own model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fedkd.cohort.totalsegmentator_tries import TotalSegmentatorTries
from fedkd.heart import HeartLabels, heart_labels_from_file
from fedkd.heart.totalsegmentator import TotalSegmentatorRun, labels_by_totalsegmentator
from fedkd.progress import Report
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class FoundLabels:
    """``labels`` is None when our own model is to find the parts; ``notes`` say what did not work."""

    labels: HeartLabels | None
    notes: tuple[str, ...] = ()


class HeartLabelFinder:
    """Finds the heart's parts in the CTs of one run.

    Args:
        file: the user's label map, if there is one.
        mapping: its labels to channels of `anatomy.HEART_CHANNELS`; None: as `heart_labels_from_file` reads them.
        their_device: TotalSegmentator's name of the device, ``cpu`` or ``gpu``.
    """

    def __init__(self, file: Path | None, mapping: Mapping[int, int] | None, their_device: str) -> None:
        self._file = file
        self._mapping = mapping
        self._their_device = their_device
        instead = "The embedded model looked for the parts of the heart."
        self._totalsegmentator = TotalSegmentatorTries("the parts of the heart", instead, wanted=file is None)

    def find(self, ct: CtVolume, report: Report) -> FoundLabels:
        """Return the parts of the heart.

        Raises:
            FedkdError: HEART_MASK_INVALID or INPUT_NOT_FOUND for the user's file. TotalSegmentator's are notes.
        """
        if self._file is not None:
            return FoundLabels(heart_labels_from_file(self._file, ct, self._mapping))

        def look() -> HeartLabels:
            return labels_by_totalsegmentator(ct, TotalSegmentatorRun(device=self._their_device))

        return FoundLabels(*self._totalsegmentator.ask(look, report))
