"""Fine passes around the root: several views of the same anatomy, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from fedkd.anatomy import HEADS, LANDMARK_NAMES, POINT_HEADS
from fedkd.backends import HeadProbabilities, StageRunner
from fedkd.geometry import FloatArray, Grid
from fedkd.inference import crop_array, probabilities_on_patch
from fedkd.landmarks import Decoding, Located, locate
from fedkd.passes import Passes
from fedkd.prediction.consensus import Consensus, agree
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import CtVolume

# Corners of a tetrahedron: every direction is tried, and their mean is zero.
_DIRECTIONS = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
# How far the crops of the further passes are moved along, and turned about, these directions.
_SHIFT_MM = 5.0
_TURN_DEG = 10.0
# A localizer that is a centimeter off leaves part of the root outside the first crop.
_MOST_MOVES = 4
_SETTLED_MM = 3.0
_STRAIGHT = np.eye(3)


@dataclass(frozen=True)
class RootPass:
    """One more look at the root: with a crop that is moved, and turned about its middle."""

    shift_lps_mm: FloatArray
    turn_lps: FloatArray


_FOUR = tuple(
    RootPass(_SHIFT_MM * direction, Rotation.from_rotvec(np.radians(_TURN_DEG) * direction).as_matrix())
    for direction in _DIRECTIONS
)
# What follows the straight pass. There are no mirrored ones: the networks that look at a root in this way have seen
# no mirror image in training, and in one they see other landmarks than those that are there (Docs/models.md).
FURTHER_PASSES: Mapping[Passes, tuple[RootPass, ...]] = {
    Passes.QUICK: (),
    Passes.STANDARD: _FOUR,
    Passes.SHIFTED: _FOUR,
}


@dataclass(frozen=True)
class RootView:
    """What the passes saw. ``maps`` are those of the centered pass on ``grid``."""

    landmarks: dict[str, Consensus]
    maps: HeadProbabilities
    grid: Grid
    crop_hu: npt.NDArray[np.int16]


def look_at_root(
    ct: CtVolume,
    student: StageRunner,
    center_lps_mm: FloatArray,
    report: Report,
    further: Sequence[RootPass] = FURTHER_PASSES[Passes.STANDARD],
) -> RootView:
    """Find the landmarks around ``center_lps_mm``.

    First straight passes move the crop to the landmarks' own center, so that the result depends little on the
    localizer; then the last of them and the ``further`` ones vote.
    """
    look = _Look(ct, student)
    straight, center_lps_mm = _settle(look, center_lps_mm)
    votes = [straight.landmarks]
    for number, one in enumerate(further, start=2):
        report(ProgressEvent("landmarks", number / (len(further) + 2), "Placing the landmarks"))
        votes.append(look.at(center_lps_mm + one.shift_lps_mm, one.turn_lps).landmarks)
    landmarks = {name: agree(name, votes) for name in LANDMARK_NAMES}
    kept = {
        name: one
        for name, one in landmarks.items()
        if one is not None and Grid.of(ct.image).contains(one.position_lps_mm)
    }
    return RootView(kept, straight.maps, straight.grid, straight.crop_hu)


@dataclass(frozen=True)
class _Seen:
    """What one pass saw."""

    landmarks: dict[str, Located]
    maps: HeadProbabilities
    grid: Grid
    crop_hu: npt.NDArray[np.int16]


def _settle(look: _Look, center_lps_mm: FloatArray) -> tuple[_Seen, FloatArray]:
    """Return the straight pass at which a crop that follows the landmarks rests, and the middle of those seen in it."""
    seen = look.at(center_lps_mm, _STRAIGHT)
    for _ in range(_MOST_MOVES):
        if not seen.landmarks:
            break
        before = center_lps_mm
        center_lps_mm = np.mean([one.position_lps_mm for one in seen.landmarks.values()], axis=0)
        if np.linalg.norm(center_lps_mm - before) < _SETTLED_MM:
            break
        seen = look.at(center_lps_mm, _STRAIGHT)
    return seen, center_lps_mm


class _Look:
    """One pass of the student over a crop."""

    def __init__(self, ct: CtVolume, student: StageRunner) -> None:
        self._ct = ct
        self._student = student

    def at(self, center_lps_mm: FloatArray, turn_lps: FloatArray) -> _Seen:
        stage = self._student.stage
        grid = Grid.centered(center_lps_mm, (stage.patch_size,) * 3, stage.spacing_mm).turned(turn_lps)
        crop_hu = crop_array(self._ct.image, grid)
        maps = probabilities_on_patch(self._student, crop_hu)
        located: dict[str, Located] = {}
        for head in (one for one in POINT_HEADS if one in maps):
            located |= locate(maps[head], HEADS[head].channels[1:], grid, Decoding(stage.ball_radius_mm))
        return _Seen(located, maps, grid, crop_hu)
