"""What a prediction is, whichever procedure made it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import SimpleITK as sitk

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.head_outlines import HeadOutline
from fedkd.confidence import Calibration
from fedkd.pointsets import LandmarkPoint, PointList
from fedkd.prediction.consensus import Consensus


@dataclass(frozen=True)
class Prediction:
    """The result for one CT.

    Args:
        points: the seven landmarks in the order of ``anatomy.LANDMARKS``; undefined where not found.
        calcification: uint8 image, 0 or 1, in the CT's grid.
        calcification_threshold_hu: voxels above it count; None when the lumen's brightness was not found.
        heart_source: how the heart was found.
        notes: what is uncertain, in plain sentences for the reader.
        seconds_by_stage: how long each stage took.
        backend: what ran the networks: library, version, device, number format.
        calibration: of the confidences; None: they are the model's own numbers.
        outlines: what heads that are not ours outline.
    """

    points: PointList
    calcification: sitk.Image
    calcification_threshold_hu: float | None
    heart_source: str
    notes: tuple[str, ...]
    seconds_by_stage: dict[str, float]
    backend: str = ""
    calibration: Calibration | None = None
    outlines: tuple[HeadOutline, ...] = ()


@dataclass
class Clock:
    """Takes the time of stages."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 3)


def all_points(landmarks: Mapping[str, Consensus]) -> PointList:
    """Return the seven landmarks in their order; undefined where not found."""
    return PointList(tuple(_point(name, landmarks.get(name)) for name in LANDMARK_NAMES))


def _point(name: str, found: Consensus | None) -> LandmarkPoint:
    if found is None:
        return LandmarkPoint(name, None)
    x, y, z = (float(value) for value in found.position_lps_mm)
    return LandmarkPoint(name, (x, y, z), confidence=found.confidence, spread_mm=found.spread_mm)
