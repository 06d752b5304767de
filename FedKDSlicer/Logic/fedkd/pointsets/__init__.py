"""Points with labels, and the files that hold them.

The interface for other packages; coordinates are LPS millimeters.
"""

from __future__ import annotations

from fedkd.pointsets.conversion import convert_points
from fedkd.pointsets.formats import EXTENSIONS, read_points, write_points
from fedkd.pointsets.points import LandmarkPoint, LpsPosition, PointList
from fedkd.pointsets.study_files import write_study_point_sets

__all__ = [
    "EXTENSIONS",
    "LandmarkPoint",
    "LpsPosition",
    "PointList",
    "convert_points",
    "read_points",
    "write_points",
    "write_study_point_sets",
]
