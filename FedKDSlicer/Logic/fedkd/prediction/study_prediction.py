"""The prediction of one CT by a model of the study's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.backends import ReadyModel, StageRunner
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import HeartLabels, HeartRegion
from fedkd.models.card import StageSpec
from fedkd.passes import Passes
from fedkd.prediction.consensus import Consensus
from fedkd.prediction.heart_parts import labels_by_localizer
from fedkd.prediction.localization import localize_root
from fedkd.prediction.opinion import Opinion
from fedkd.prediction.reference_cube import CUBE_VOXELS, cube_of
from fedkd.prediction.reference_passes import CUBE_PASSES
from fedkd.prediction.reference_procedure import Cube, ReferenceView, look_as_reference, windows_of
from fedkd.prediction.result import Clock
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume

_BEYOND_CUBE_MM = 20.0


@dataclass(frozen=True)
class StudyOptions:
    """What goes with the CT. A package with a localizer takes ``region`` and ``passes``.

    Args:
        region: where the heart is; the cube is centered there, else in the CT.
        labels: the heart's parts, for a conditioned model.
        finder: the localizer of a model of ours: finds the heart's parts for a conditioned model without ``labels``.
        root_finder: such a localizer, too: when given, the model looks at one patch around the root that it finds,
            instead of the whole cube.
        passes: how often the model looks.
    """

    region: HeartRegion | None = None
    labels: HeartLabels | None = None
    finder: StageRunner | None = None
    root_finder: StageRunner | None = None
    passes: Passes = Passes.STANDARD


def ask_as_study(ct: CtVolume, model: ReadyModel, options: StudyOptions, report: Report) -> Opinion:
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
        passes = CUBE_PASSES[options.passes]
        ticks = _Ticks(len(passes) * windows_of(grid, stage.patch_size), part_of(report, 0.3, 1.0))
        view = look_as_reference(ct, model.student, Cube(grid, labels, passes), ticks)
    report(ProgressEvent("landmarks", 1.0, "Found what there is to find"))
    inside = {name: one for name, one in view.landmarks.items() if ct.grid.contains(one.position_lps_mm)}
    return Opinion(
        models=(model.card.model_id,),
        landmarks=inside,
        looked_for=_known_landmarks(model),
        calcification=view.calcification,
        calcification_threshold_hu=None,
        heart_source="; ".join(dict.fromkeys((place, labels.source))) if labels is not None else place,
        notes=_notes(ct, view, options) if options.root_finder is None else _cut_off(inside, stage, grid),
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


def _notes(ct: CtVolume, view: ReferenceView, options: StudyOptions) -> tuple[str, ...]:
    if options.region is not None or not _is_larger(ct.grid, view.grid):
        return ()
    size_mm = round(view.grid.size_xyz[0] * view.grid.spacing_mm[0])
    return (f"Only the middle {size_mm} mm of the CT were looked at. If the heart is elsewhere, give a mask.",)


def _cut_off(landmarks: Mapping[str, Consensus], stage: StageSpec, patch: Grid) -> tuple[str, ...]:
    """Say which landmarks may lie partly beyond the patch: the center of what is left would lie too far inside."""
    margin = stage.ball_radius_mm / stage.spacing_mm
    last = np.array(patch.size_xyz) - 1
    index = {name: patch.lps_to_index(one.position_lps_mm) for name, one in landmarks.items()}
    names = [name for name, at in index.items() if np.any(at < margin) or np.any(at > last - margin)]
    if not names:
        return ()
    return (f"{', '.join(names)}: at the edge of what the fast look saw, and may lie farther out.",)


def _is_larger(ct: Grid, cube: Grid) -> bool:
    low, high = ct.bounds_lps_mm()
    cube_low, cube_high = cube.bounds_lps_mm()
    return bool(np.any(cube_low - low > _BEYOND_CUBE_MM) or np.any(high - cube_high > _BEYOND_CUBE_MM))
