"""The calcification that most of several models mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import SimpleITK as sitk

from fedkd.case.results import volume_mm3

# Models that differ more than this have not marked the same calcium: a choice of ours.
_MUCH_MORE = 2.0
_WORTH_TELLING_MM3 = 50.0


@dataclass(frozen=True)
class MarkedVolume:
    """How much calcification a model marks."""

    model_id: str
    mm3: float


class CalciumVote:
    """Counts for each voxel how many models mark it. Masks need not be kept: that of a whole body has 400 MB.

    Masks vote, not probabilities: an outline by brightness has none, and those of networks that were trained with
    other losses do not mean the same.
    """

    def __init__(self) -> None:
        self._marks: sitk.Image | None = None
        self.volumes: list[MarkedVolume] = []

    def add(self, model_id: str, mask: sitk.Image | None) -> None:
        """Count a model's mask, uint8, 0 or 1; None: it knows nothing of calcification, and has no vote."""
        if mask is None:
            return
        self.volumes.append(MarkedVolume(model_id, volume_mm3(mask)))
        self._marks = mask if self._marks is None else self._marks + mask

    def majority(self) -> sitk.Image | None:
        """Return what more than half of the voters mark, uint8, 0 or 1; None when nobody had a vote."""
        if self._marks is None:
            return None
        return sitk.Cast(self._marks > len(self.volumes) // 2, sitk.sitkUInt8)


def doubts_about_calcium(volumes: Sequence[MarkedVolume]) -> tuple[str, ...]:
    """Return a doubt when one model marks much more than another."""
    amounts = [one.mm3 for one in volumes]
    if not amounts or max(amounts) < _WORTH_TELLING_MM3 or max(amounts) <= _MUCH_MORE * min(amounts):
        return ()
    told = ", ".join(f"{one.model_id} {one.mm3:.0f} mm\N{SUPERSCRIPT THREE}" for one in volumes)
    return (f"The models mark different amounts of calcification: {told}. Check it.",)
