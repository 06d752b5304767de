"""Calcium of the aortic valve: how much, and in which cusp."""

from fedkd.measurement.calcium.deposits import Marks, ReaderMarks
from fedkd.measurement.calcium.doubts import calcium_doubts
from fedkd.measurement.calcium.frame import OUTFLOW_DEPTH_MM, RootFrame
from fedkd.measurement.calcium.measure import CalciumParts, measure_calcium
from fedkd.measurement.calcium_threshold import CalciumThreshold

__all__ = [
    "OUTFLOW_DEPTH_MM",
    "CalciumParts",
    "CalciumThreshold",
    "Marks",
    "ReaderMarks",
    "RootFrame",
    "calcium_doubts",
    "measure_calcium",
]
