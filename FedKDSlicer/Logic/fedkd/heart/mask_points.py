"""The places that a mask marks, in LPS millimeters, whatever grid it is on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from fedkd.geometry import FloatArray
from fedkd.volumes import VolumeFile

# Finer than this the heart's outline does not matter here, and the points would fill the memory.
_SAMPLING_MM = 1.0


@dataclass(frozen=True)
class MaskPoints:
    """Points spread evenly over what is marked, shape (n, 3) in LPS mm; each stands for ``point_mm3``."""

    lps_mm: FloatArray
    point_mm3: float

    @property
    def volume_ml(self) -> float:
        """Volume of what is marked."""
        return len(self.lps_mm) * self.point_mm3 / 1000


def mask_points(mask: VolumeFile, labels: Collection[int] | None = None) -> MaskPoints:
    """Return the places where ``mask`` has one of ``labels``, or any label above 0 when there are none."""
    steps = [max(1, int(_SAMPLING_MM // spacing)) for spacing in mask.grid.spacing_mm]
    sampled = mask.values[:: steps[2], :: steps[1], :: steps[0]]
    marked = sampled > 0 if labels is None else np.isin(sampled, list(labels))
    index_xyz = np.argwhere(marked)[:, ::-1] * steps
    return MaskPoints(mask.grid.index_to_lps(index_xyz), float(np.prod(mask.grid.spacing_mm) * np.prod(steps)))
