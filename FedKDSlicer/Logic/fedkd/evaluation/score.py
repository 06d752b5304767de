"""One case's prediction against its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.anatomy import HINGE_POINTS, OSTIA, SEPTUM
from fedkd.geometry import FloatArray, annulus_plane

# Neighbors whose mix-up would be taken for a swap of names rather than for an inaccuracy.
_GROUPS = (HINGE_POINTS, OSTIA, SEPTUM)

Positions = Mapping[str, FloatArray]


@dataclass(frozen=True)
class OutlineScore:
    """How one class was outlined.

    Args:
        head: the head.
        class_name: the class.
        dice: inside the part that was looked at; NaN when neither label nor outline marks anything there.
        share_looked_at: how much of the label lies in that part; NaN when it marks nothing.
    """

    head: str
    class_name: str
    dice: float
    share_looked_at: float


@dataclass(frozen=True)
class CaseScore:
    """Errors of one case.

    Args:
        case_id: the case.
        errors_mm: for each labeled landmark the distance to the truth; NaN when it was not found.
        confidences: for each found landmark the model's own confidence, not calibrated.
        swapped: landmarks nearer to the true place of another one of their group than to their own.
        annulus_angle_deg: angle between the annulus planes; NaN when it cannot be told.
        calcification_dice: NaN when neither truth nor prediction has any, None without a label.
        calcification_mm3: true and predicted volume, None without a label.
        error: what went wrong when there is no prediction.
        phantom_seed: of the case, where it is a phantom.
        outlines: of heads that are not ours.
    """

    case_id: str
    errors_mm: dict[str, float]
    confidences: dict[str, float]
    swapped: tuple[str, ...]
    annulus_angle_deg: float
    calcification_dice: float | None
    calcification_mm3: tuple[float, float] | None
    error: str = ""
    phantom_seed: int | None = None
    outlines: tuple[OutlineScore, ...] = ()


def landmark_errors_mm(truth: Positions, found: Positions) -> dict[str, float]:
    """Return for each true landmark the distance in mm, NaN when it was not found."""
    return {
        name: float(np.linalg.norm(found[name] - position)) if name in found else float("nan")
        for name, position in truth.items()
    }


def swapped_names(truth: Positions, found: Positions) -> tuple[str, ...]:
    """Return the found landmarks that lie nearer to the truth of another landmark of their group."""
    swapped = []
    for group in _GROUPS:
        known = [name for name in group if name in truth]
        for name in known:
            if name in found:
                nearest = min(known, key=lambda other: float(np.linalg.norm(found[name] - truth[other])))
                if nearest != name:
                    swapped.append(name)
    return tuple(swapped)


def annulus_angle_deg(truth: Positions, found: Positions) -> float:
    """Return the angle between the true and the found annulus plane in degrees, NaN when one does not exist."""
    if any(name not in truth or name not in found for name in HINGE_POINTS):
        return float("nan")
    try:
        normals = [annulus_plane(*(points[name] for name in HINGE_POINTS)).normal_lps for points in (truth, found)]
    except ValueError:
        return float("nan")
    return float(np.degrees(np.arccos(np.clip(normals[0] @ normals[1], -1, 1))))


def dice(truth: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> float:
    """Return the Dice coefficient; NaN when both are empty."""
    total = int(truth.sum()) + int(found.sum())
    return 2 * int((truth & found).sum()) / total if total else float("nan")
