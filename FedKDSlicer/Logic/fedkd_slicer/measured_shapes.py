"""What was measured, as it lies in Slicer's space: planes, contours and lines in RAS millimeters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fedkd.geometry import LPS_TO_RAS
from fedkd.measurement.angles import detector_direction_lps
from fedkd.measurement.shapes import CArmView, Line, Shapes
from fedkd.measurement.wording import shown_c_arm
from fedkd_slicer.view_planes import FloatArray

ANNULUS = "Annulus"  # how names of what lies in its plane begin


@dataclass(frozen=True)
class AnnulusPlane:
    """The plane through the hinge points; ``normal`` (RAS) points to the aorta, ``diameter_mm`` is the circle's."""

    center_ras_mm: FloatArray
    normal: FloatArray
    diameter_mm: float


@dataclass(frozen=True)
class NamedCurve:
    """A line with a clinical name: points in RAS mm, shape (n, 3); a closed one does not repeat its first point.

    ``text`` is what to write beside it: its measured length.
    """

    name: str
    points_ras_mm: FloatArray
    is_closed: bool = False
    text: str = ""


@dataclass(frozen=True)
class CArmDirection:
    """A C-arm view and the unit vector from the heart to its detector (RAS)."""

    view: CArmView
    toward_detector: FloatArray

    @property
    def shown(self) -> str:
        """The view in words."""
        return shown_c_arm(self.view.lao_deg, self.view.cranial_deg)


@dataclass(frozen=True)
class MeasuredShapes:
    """Everything of shapes.json that is drawn; what could not be measured is absent.

    Args:
        annulus_plane: with the hinge circle.
        contours: closed; sections of the lumen.
        lines: of two points each: heights, septum, diameters.
        centerline: upwards; None where there is none.
        c_arms: by name, see `fedkd.measurement.shapes.Shapes.named_views`.
    """

    annulus_plane: AnnulusPlane | None = None
    contours: tuple[NamedCurve, ...] = ()
    lines: tuple[NamedCurve, ...] = ()
    centerline: NamedCurve | None = None
    c_arms: dict[str, CArmDirection] = field(default_factory=dict)


def is_diameter(line: NamedCurve) -> bool:
    """True for a line across the lumen; the others are heights and the septum."""
    return "diameter" in line.name.lower()


def in_ras(shapes: Shapes, shown_by_name: Mapping[str, str]) -> MeasuredShapes:
    """Return the engine's shapes in Slicer's coordinates.

    Args:
        shapes: in LPS.
        shown_by_name: clinical name -> measured value with its unit; a line of another name shows its own length.
    """
    stations = [station.position_lps_mm for station in shapes.centerline]
    return MeasuredShapes(
        annulus_plane=_annulus_plane(shapes),
        contours=tuple(NamedCurve(one.name, one.points_lps_mm * LPS_TO_RAS, is_closed=True) for one in shapes.contours),
        lines=tuple(_line(one, shown_by_name.get(one.name)) for one in shapes.lines),
        centerline=NamedCurve("Centerline", np.array(stations) * LPS_TO_RAS) if len(stations) > 1 else None,
        c_arms={
            name: CArmDirection(view, detector_direction_lps(view) * LPS_TO_RAS)
            for name, view in shapes.named_views.items()
        },
    )


def _line(line: Line, shown: str | None) -> NamedCurve:
    length_mm = float(np.linalg.norm(line.end_lps_mm - line.start_lps_mm))
    return NamedCurve(
        line.name, np.array([line.start_lps_mm, line.end_lps_mm]) * LPS_TO_RAS, text=shown or f"{length_mm:.1f} mm"
    )


def _annulus_plane(shapes: Shapes) -> AnnulusPlane | None:
    plane, diameter_mm = shapes.annulus_plane, shapes.hinge_circle_diameter_mm
    if plane is None or diameter_mm is None:
        return None
    return AnnulusPlane(plane.center_lps_mm * LPS_TO_RAS, plane.normal_lps * LPS_TO_RAS, diameter_mm)
