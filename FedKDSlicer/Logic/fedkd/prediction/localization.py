"""Coarse pass over the whole CT: is there a heart, and where is the aortic root?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from fedkd.anatomy import HEADS, HEART_CHANNELS, HINGE_POINTS
from fedkd.backends import StageRunner
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import FloatArray, Grid
from fedkd.heart import HeartRegion
from fedkd.inference import probabilities_by_window, window_count
from fedkd.landmarks import Decoding, locate
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import CtVolume, covering_grid, downsample_to_grid

# The smallest heart with blood in it that an adult can have is several times this large.
_SMALLEST_HEART_ML = 100.0
_NEEDED_PARTS = ("left ventricle", "aorta")
_SMALLEST_PART_ML = 8.0
_MARGIN_AROUND_MASK_MM = 40.0
# Hinge circles are up to about 38 mm wide; the rest is the coarse pass' own error.
_HINGES_FROM_MIDDLE_MM = 40.0


@dataclass(frozen=True)
class RootLocation:
    """Where the aortic root is, roughly, and how that was found."""

    center_lps_mm: FloatArray
    heart_ml: float
    source: str


def localize_root(ct: CtVolume, localizer: StageRunner, heart: HeartRegion | None, report: Report) -> RootLocation:
    """Return the rough place of the aortic root.

    Args:
        ct: the CT.
        localizer: it looks at the whole CT, or at the box around ``heart``.
        heart: where the heart is, when somebody said so.
        report: told the stage ``localize``.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view.
    """
    stage = localizer.stage
    grid = covering_grid(Grid.of(ct.image), stage.spacing_mm)
    if heart is not None:
        grid = _box_around(heart, grid)
    ct_hu = sitk.GetArrayFromImage(downsample_to_grid(ct.image, grid))
    ticks = _WindowTicks(ct_hu.shape, stage.patch_size, report)
    maps = probabilities_by_window(localizer, ct_hu, ticks)
    heart_ml = _check_heart(maps["heart"], stage.spacing_mm, ct)
    names = HEADS["hps"].channels[1:]
    points = locate(maps["hps"], names, grid, Decoding(stage.ball_radius_mm))
    hinges = [points[name].position_lps_mm for name in HINGE_POINTS if name in points]
    if len(hinges) < 2:
        raise _no_root(ct, "A heart seems to be in view, but the aortic root was not found in it.")
    source = "localizer" if heart is None else f"localizer within {heart.source}"
    return RootLocation(np.mean(_near_each_other(hinges, ct), axis=0), heart_ml, source)


class _WindowTicks:
    """Counts the windows of the coarse pass for the progress bar."""

    def __init__(self, shape_zyx: tuple[int, ...], patch_size: int, report: Report) -> None:
        self._expected = window_count(shape_zyx, patch_size)
        self._done = 0
        self._report = report

    def __call__(self) -> None:
        fraction = min(self._done / self._expected, 1.0)
        self._report(ProgressEvent("localize", fraction, "Looking for the heart"))
        self._done += 1


def _box_around(heart: HeartRegion, whole: Grid) -> Grid:
    low, high = whole.bounds_lps_mm()
    low = np.maximum(np.array(heart.low_lps_mm) - _MARGIN_AROUND_MASK_MM, low)
    high = np.minimum(np.array(heart.high_lps_mm) + _MARGIN_AROUND_MASK_MM, high)
    spacing = whole.spacing_mm[0]
    size = np.maximum(np.ceil((high - low) / spacing).astype(int), 1)
    return Grid.centered((low + high) / 2, (int(size[0]), int(size[1]), int(size[2])), spacing)


def _check_heart(heart: npt.NDArray[np.float32], spacing_mm: float, ct: CtVolume) -> float:
    """Return the heart's volume in ml; raise when what was found is too little to be one."""
    labels = heart.argmax(axis=0)
    components, count = ndimage.label(labels > 0)
    if count == 0:
        raise _no_root(ct, "No heart is in view.")
    sizes = np.bincount(components.ravel())[1:]
    largest = components == int(np.argmax(sizes)) + 1
    voxel_ml = spacing_mm**3 / 1000
    volumes_ml = np.bincount(labels[largest], minlength=len(HEART_CHANNELS)) * voxel_ml
    heart_ml = float(volumes_ml[1:].sum())
    if heart_ml < _SMALLEST_HEART_ML:
        raise _no_root(ct, f"No heart is in view (only {heart_ml:.0f} ml look like one).")
    for name in _NEEDED_PARTS:
        part_ml = volumes_ml[HEART_CHANNELS.index(name)]
        if part_ml < _SMALLEST_PART_ML:
            raise _no_root(ct, f"The {name} is not in view (only {part_ml:.0f} ml look like it).")
    return heart_ml


def _near_each_other(hinges: list[FloatArray], ct: CtVolume) -> list[FloatArray]:
    """Return the pair or three of hinge points that can belong to one valve."""
    middle = np.median(hinges, axis=0)
    near = [point for point in hinges if np.linalg.norm(point - middle) < _HINGES_FROM_MIDDLE_MM]
    if len(near) < 2:
        raise _no_root(ct, "Parts of an aortic root were seen in places that do not fit together.")
    return near


def _no_root(ct: CtVolume, what: str) -> FedkdError:
    return FedkdError(
        ExitCode.HEART_NOT_FOUND,
        what,
        where=ct.source.path.name,
        what_to_do="Use a contrast CT that shows the whole aortic root, or give the heart with --heart-mask.",
    )
