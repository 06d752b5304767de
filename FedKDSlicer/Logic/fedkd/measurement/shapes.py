"""What the measurements look like in space: planes, contours, lines. All in LPS mm."""

from __future__ import annotations

from dataclasses import dataclass, field

from fedkd.geometry import FloatArray, Plane


@dataclass(frozen=True)
class Contour:
    """A closed line of a lumen's section: ``points_lps_mm`` (n, 3), first point not repeated, in ``plane``.

    ``name`` as a clinician says it: Annulus, LVOT, Sinotubular junction, Ascending aorta.
    """

    name: str
    plane: Plane
    points_lps_mm: FloatArray


@dataclass(frozen=True)
class Line:
    """A straight distance that was measured, such as a coronary height: from, to."""

    name: str
    start_lps_mm: FloatArray
    end_lps_mm: FloatArray


@dataclass(frozen=True)
class CArmView:
    """A direction of a C-arm: LAO positive, cranial positive, degrees."""

    lao_deg: float
    cranial_deg: float


@dataclass(frozen=True)
class CenterlinePoint:
    """A station along the centerline: ``height_mm`` along it above the annulus (negative below), lumen's area there."""

    height_mm: float
    position_lps_mm: FloatArray
    area_mm2: float | None


@dataclass(frozen=True)
class Shapes:
    """All there is to draw; what could not be measured is absent.

    Args:
        annulus_plane: through the hinge points, normal to the aorta.
        hinge_circle_diameter_mm: of the circle in that plane.
        contours: sections of the lumen.
        lines: heights, septum, diameters.
        centerline: from outflow tract to ascending aorta, upwards.
        s_curve: C-arm views in which the three hinge points are in line, by rising LAO.
        named_views: ``three-cusp`` and ``cusp overlap``.
    """

    annulus_plane: Plane | None = None
    hinge_circle_diameter_mm: float | None = None
    contours: tuple[Contour, ...] = ()
    lines: tuple[Line, ...] = ()
    centerline: tuple[CenterlinePoint, ...] = ()
    s_curve: tuple[CArmView, ...] = ()
    named_views: dict[str, CArmView] = field(default_factory=dict)
