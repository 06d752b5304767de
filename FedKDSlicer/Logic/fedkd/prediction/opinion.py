"""What one model, or several together, say of one CT, and the prediction that this becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import SimpleITK as sitk

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.case.head_outlines import HeadOutline
from fedkd.prediction.consensus import Consensus
from fedkd.prediction.doubts import doubts_about
from fedkd.prediction.result import Prediction, all_points
from fedkd.volumes import CtVolume


@dataclass(frozen=True)
class Opinion:
    """What was found in one CT.

    Args:
        models: the names of those whose opinion it is.
        landmarks: what was found, all inside the CT.
        looked_for: the landmarks that the models know.
        calcification: uint8, 0 or 1, in the CT's grid; None: the models know nothing of it.
        calcification_threshold_hu: voxels above it count; None: the outline is the network's.
        heart_source: how the heart was found.
        notes: what is uncertain beside the landmarks, in plain sentences.
        seconds_by_stage: how long each stage took.
        backend: what ran the networks.
        outlines: what heads that are not ours outline.
    """

    models: tuple[str, ...]
    landmarks: Mapping[str, Consensus]
    looked_for: tuple[str, ...]
    calcification: sitk.Image | None
    calcification_threshold_hu: float | None
    heart_source: str
    notes: tuple[str, ...]
    seconds_by_stage: dict[str, float]
    backend: str
    outlines: tuple[HeadOutline, ...] = ()


def prediction_of(opinion: Opinion, ct: CtVolume) -> Prediction:
    """Return the prediction of ``ct``, with all that its reader must be told."""
    calcification = opinion.calcification
    return Prediction(
        points=all_points(opinion.landmarks),
        calcification=_nothing(ct) if calcification is None else calcification,
        calcification_threshold_hu=opinion.calcification_threshold_hu,
        heart_source=opinion.heart_source,
        notes=(
            *doubts_about(opinion.landmarks, opinion.looked_for),
            *_unknown(opinion),
            *opinion.notes,
            *(outline.what_was_looked_at for outline in opinion.outlines),
        ),
        seconds_by_stage=opinion.seconds_by_stage,
        backend=opinion.backend,
        outlines=opinion.outlines,
    )


def _unknown(opinion: Opinion) -> tuple[str, ...]:
    missing = [head for head in POINT_HEADS if not set(HEADS[head].channels[1:]) & set(opinion.looked_for)]
    if opinion.calcification is None:
        missing.append("calc")
    who = "This model knows" if len(opinion.models) == 1 else "These models know"
    return (f"{who} nothing of: {', '.join(missing)}.",) if missing else ()


def _nothing(ct: CtVolume) -> sitk.Image:
    image = sitk.Image(ct.image.GetSize(), sitk.sitkUInt8)
    image.CopyInformation(ct.image)
    return image
