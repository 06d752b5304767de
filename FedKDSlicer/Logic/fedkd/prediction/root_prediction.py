"""What a package with a localizer says of one CT: first it looks for the root, then closely at it."""

from __future__ import annotations

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.backends import ReadyModel
from fedkd.heart import HeartRegion
from fedkd.passes import Passes
from fedkd.prediction.calcium import Calcification, outline_calcification
from fedkd.prediction.further_heads import outline_further_heads
from fedkd.prediction.localization import localize_root
from fedkd.prediction.opinion import Opinion
from fedkd.prediction.result import Clock
from fedkd.prediction.root_passes import FURTHER_PASSES, look_at_root
from fedkd.progress import ProgressEvent, Report, part_of
from fedkd.volumes import CtVolume


def ask_about_root(
    ct: CtVolume, model: ReadyModel, heart: HeartRegion | None, passes: Passes, report: Report
) -> Opinion:
    """Find the seven landmarks, the calcification, and what heads that are not ours know.

    Args:
        ct: the CT.
        model: one with a localizer.
        heart: where the heart is, when known from elsewhere.
        passes: one of `FURTHER_PASSES`.
        report: is told of the progress.

    Raises:
        FedkdError: HEART_NOT_FOUND when no heart with an aortic root is in view.
    """
    clock = Clock()
    with clock.stage("localize"):
        root = localize_root(ct, model.coarse, heart, part_of(report, 0.0, 0.3))
    with clock.stage("landmarks"):
        within = part_of(report, 0.3, 0.85)
        view = look_at_root(ct, model.student, root.center_lps_mm, within, FURTHER_PASSES[passes])
    with clock.stage("calcification"):
        report(ProgressEvent("calcification", 0.85, "Outlining the calcification"))
        calcification = outline_calcification(ct.image, view.maps, view.grid, view.crop_hu)
        outlines = outline_further_heads(ct.image, model.student.stage, view.maps, view.grid)
    report(ProgressEvent("calcification", 1.0, "Found what there is to find"))
    return Opinion(
        models=(model.card.model_id,),
        landmarks=view.landmarks,
        looked_for=LANDMARK_NAMES,
        calcification=calcification.mask,
        calcification_threshold_hu=calcification.threshold_hu,
        heart_source=root.source,
        notes=_calcium_doubts(calcification),
        seconds_by_stage=clock.seconds,
        backend=model.backend,
        outlines=outlines,
    )


def _calcium_doubts(calcification: Calcification) -> tuple[str, ...]:
    if calcification.threshold_hu is not None:
        return ()
    return ("The blood in the aortic root was not clearly seen; the calcification's outline is the network's alone.",)
