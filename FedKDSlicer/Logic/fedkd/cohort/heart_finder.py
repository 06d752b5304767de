"""Where the heart is, by the best means at hand: the user's mask, TotalSegmentator, or else the model itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd.cohort.totalsegmentator_tries import TotalSegmentatorTries
from fedkd.heart import HeartRegion, region_from_mask_file
from fedkd.heart.totalsegmentator import TotalSegmentatorRun, region_by_totalsegmentator
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class FoundHeart:
    """``region`` is None when the model is to find the heart; ``notes`` say what did not work."""

    region: HeartRegion | None
    notes: tuple[str, ...] = ()


class HeartFinder:
    """Finds the heart in the CTs of one run.

    Args:
        mask: the user's mask of the heart, if there is one.
        device: auto, cpu or cuda.
    """

    def __init__(self, mask: Path | None, device: str) -> None:
        self._mask = mask
        self._device = device
        instead = "The model looked for the heart itself."
        self._totalsegmentator = TotalSegmentatorTries("the heart", instead, wanted=mask is None)

    def find(self, ct: CtVolume, report: Report) -> FoundHeart:
        """Return the heart's region.

        Raises:
            FedkdError: HEART_MASK_INVALID or INPUT_NOT_FOUND for the user's mask. TotalSegmentator's are notes.
        """
        if self._mask is not None:
            report(ProgressEvent("heart", 0.0, "Reading the heart mask"))
            return FoundHeart(region_from_mask_file(self._mask, ct))

        def look() -> HeartRegion:
            return region_by_totalsegmentator(ct, TotalSegmentatorRun(device=their_device(self._device)))

        return FoundHeart(*self._totalsegmentator.ask(look, report))


def their_device(device: str) -> str:
    """Return TotalSegmentator's name of our ``auto``, ``cpu`` or ``cuda``."""
    if device == "cpu":
        return "cpu"
    import torch

    return "gpu" if torch.cuda.is_available() else "cpu"
