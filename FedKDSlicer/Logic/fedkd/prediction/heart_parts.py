"""The heart's parts as our own localizer sees them, for networks that want them as a second channel."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from fedkd.backends import StageRunner
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import HeartLabels
from fedkd.inference import probabilities_by_window
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import CtVolume, covering_grid, downsample_to_grid, resample_to_grid


def labels_by_localizer(ct: CtVolume, localizer: StageRunner, grid: Grid, report: Report) -> HeartLabels:
    """Return the heart's parts on ``grid``: the localizer's coarse probabilities, interpolated, and the likeliest part.

    Raises:
        FedkdError: HEART_NOT_FOUND when it sees none of them on ``grid``.
    """
    report(ProgressEvent("localize", 0.0, "Looking for the parts of the heart"))
    coarse = covering_grid(ct.grid, localizer.stage.spacing_mm)
    ct_hu = sitk.GetArrayFromImage(downsample_to_grid(ct.image, coarse))
    maps = probabilities_by_window(localizer, ct_hu, lambda: None)["heart"]
    best = np.full(grid.size_xyz[::-1], -1.0, np.float32)
    labels = np.zeros(best.shape, np.uint8)
    # One part after the other: all of them at full size would fill the memory.
    for channel, probability in enumerate(maps):
        outside = 1.0 if channel == 0 else 0.0
        fine = sitk.GetArrayFromImage(resample_to_grid(coarse.to_image(probability), grid, sitk.sitkLinear, outside))
        labels[fine > best] = channel
        np.maximum(best, fine, out=best)
    if not labels.any():
        raise FedkdError(
            ExitCode.HEART_NOT_FOUND,
            "The model needs the heart's label map, and no heart was found to make one.",
            where=ct.source.path.name,
            what_to_do="Give a label map of the heart with --heart-labels.",
        )
    return HeartLabels(grid.to_image(labels), "heart labels by the embedded model")
