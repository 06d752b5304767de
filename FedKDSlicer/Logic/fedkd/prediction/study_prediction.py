"""The prediction of one CT by a model of the study's code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.backends import ReadyModel, StageRunner
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import HeartLabels, HeartRegion
from fedkd.prediction.doubts import doubts_about
from fedkd.prediction.heart_parts import labels_by_localizer
from fedkd.prediction.localization import localize_root
from fedkd.prediction.reference_cube import CUBE_VOXELS, cube_of
from fedkd.prediction.reference_procedure import ReferenceView, look_as_reference, windows_of
from fedkd.prediction.result import Clock, Prediction, all_points
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume

_BEYOND_CUBE_MM = 20.0


@dataclass(frozen=True)
class StudyOptions:
    """What goes with the CT.

    Args:
        region: where the heart is; the cube is centered there, else in the CT.
        labels: the heart's parts, for a conditioned model.
        finder: the localizer of a model of ours: finds the heart's parts for a conditioned model without ``labels``.
        root_finder: such a localizer, too: when given, the model looks at one patch around the root that it finds,
            instead of the whole cube.
    """

    region: HeartRegion | None = None
    labels: HeartLabels | None = None
    finder: StageRunner | None = None
    root_finder: StageRunner | None = None


def predict_as_study(ct: CtVolume, model: ReadyModel, options: StudyOptions, report: Report) -> Prediction:
    """Find what the model's heads know, by the procedure of the study's code.

    Raises:
        FedkdError: USAGE when the model needs the heart's parts and there is nothing to find them with;
            HEART_NOT_FOUND when ``root_finder`` sees no heart.
    """
    clock = Clock()
    stage = model.student.stage
    with clock.stage("localize"):
        grid, place = _where_to_look(ct, stage.spacing_mm, stage.patch_size, options, part_of(report, 0.0, 0.2))
        labels = _labels(ct, model, grid, options, part_of(report, 0.2, 0.3))
    with clock.stage("landmarks"):
        ticks = _Ticks(windows_of(grid, stage.patch_size), part_of(report, 0.3, 1.0))
        view = look_as_reference(ct, model.student, grid, labels, ticks)
    report(ProgressEvent("landmarks", 1.0, "Found what there is to find"))
    inside = {name: one for name, one in view.landmarks.items() if ct.grid.contains(one.position_lps_mm)}
    return Prediction(
        points=all_points(inside),
        calcification=view.calcification if view.calcification is not None else _nothing(ct),
        calcification_threshold_hu=None,
        heart_source="; ".join(dict.fromkeys((place, labels.source))) if labels is not None else place,
        notes=(*doubts_about(inside, _known_landmarks(model)), *_notes(ct, model, view, options)),
        seconds_by_stage=clock.seconds,
        backend=model.backend,
    )


def _where_to_look(
    ct: CtVolume, spacing_mm: float, patch_size: int, options: StudyOptions, report: Report
) -> tuple[Grid, str]:
    if options.root_finder is not None:
        root = localize_root(ct, options.root_finder, options.region, report)
        return cube_of(ct.grid, spacing_mm, root.center_lps_mm, patch_size), root.source
    side = max(CUBE_VOXELS, patch_size)
    if options.region is None:
        return cube_of(ct.grid, spacing_mm, side=side), "the middle of the CT"
    return cube_of(ct.grid, spacing_mm, options.region.center_lps_mm, side), options.region.source


def _labels(ct: CtVolume, model: ReadyModel, grid: Grid, options: StudyOptions, report: Report) -> HeartLabels | None:
    if model.student.stage.condition is None:
        return None
    if options.labels is not None:
        return options.labels
    if options.finder is not None:
        return labels_by_localizer(ct, options.finder, grid, report)
    raise FedkdError(
        ExitCode.USAGE,
        "This model needs the heart's label map beside the CT.",
        where=model.card.model_id,
        what_to_do="Give it with --heart-labels.",
    )


class _Ticks:
    def __init__(self, expected: int, report: Report) -> None:
        self._expected = expected
        self._done = 0
        self._report = report

    def __call__(self) -> None:
        self._report(ProgressEvent("landmarks", min(self._done / self._expected, 1.0), "Placing the landmarks"))
        self._done += 1


def _known_landmarks(model: ReadyModel) -> tuple[str, ...]:
    heads = model.student.stage.network.heads
    return tuple(name for head in POINT_HEADS if head in heads for name in HEADS[head].channels[1:])


def _notes(ct: CtVolume, model: ReadyModel, view: ReferenceView, options: StudyOptions) -> tuple[str, ...]:
    notes = []
    heads = model.student.stage.network.heads
    missing = [head for head in (*POINT_HEADS, "calc") if head not in heads]
    if missing:
        notes.append(f"This model knows nothing of: {', '.join(missing)}.")
    if options.region is None and options.root_finder is None and _is_larger(ct.grid, view.grid):
        size_mm = round(view.grid.size_xyz[0] * view.grid.spacing_mm[0])
        notes.append(f"Only the middle {size_mm} mm of the CT were looked at. If the heart is elsewhere, give a mask.")
    return tuple(notes)


def _is_larger(ct: Grid, cube: Grid) -> bool:
    low, high = ct.bounds_lps_mm()
    cube_low, cube_high = cube.bounds_lps_mm()
    return bool(np.any(cube_low - low > _BEYOND_CUBE_MM) or np.any(high - cube_high > _BEYOND_CUBE_MM))


def _nothing(ct: CtVolume) -> sitk.Image:
    image = sitk.Image(ct.image.GetSize(), sitk.sitkUInt8)
    image.CopyInformation(ct.image)
    return image
