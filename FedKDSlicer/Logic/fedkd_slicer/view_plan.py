"""Which pictures a case gets, what each is aimed at, and what replaces it when landmarks are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fedkd.anatomy import HINGE_POINTS, LANDMARK_BY_NAME, LANDMARK_NAMES, SEPTUM
from fedkd.measurement.catalog import CUSP_OVERLAP, THREE_CUSP
from fedkd_slicer.measured_shapes import CArmDirection
from fedkd_slicer.view_planes import (
    FloatArray,
    RootFrame,
    ViewPlane,
    along_axis_view,
    annulus_view,
    axial_view,
    c_arm_view,
    coronal_view,
    middle_of,
    root_frame,
    septum_points,
    septum_view,
    three_cusp_view,
)

_CLOSE_FIELD_MM = 90.0
_SEPTUM_FIELD_MM = 60.0
_WIDE_FIELD_MM = 160.0
_NEAR_PLANE_MM = 8.0
# The cusp above whose hinge point each ostium lies.
_CUSP_OF_OSTIUM = {"RCO": "RCC", "LCO": "LCC"}
# Contours shown where they cross a slice; the outflow tract's, so close below the annulus, would only crowd it.
_LEVELS = ("Annulus", "Sinotubular junction", "Ascending aorta")
_OF_ANNULUS = ("annulus_area_mm2", "annulus_perimeter_mm", "annulus_diameter_min_mm", "annulus_diameter_max_mm")
_OF_CALCIUM = tuple(f"calcium_{part}" for part in ("rcc_mm3", "lcc_mm3", "ncc_mm3", "lvot_mm3", "threshold_hu"))
_OF_SEPTUM = ("septum_length_mm", "septum_risk_band", "ms1_to_plane_mm", "ms2_to_plane_mm")


@dataclass(frozen=True)
class PlannedView:
    """One picture.

    Args:
        file_name: of the PNG.
        title: what is seen, in words; says so where it is a replacement.
        plane: what is seen.
        field_of_view_mm: width of the picture.
        landmarks: the names to mark, whatever their distance from the plane.
        measurements: keys of the catalog, to be written below.
        levels: names of contours to be shown as a line where they cross the slice.
    """

    file_name: str
    title: str
    plane: ViewPlane
    field_of_view_mm: float
    landmarks: tuple[str, ...]
    measurements: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Root:
    positions_ras_mm: Mapping[str, FloatArray]
    frame: RootFrame | None
    middle_ras_mm: FloatArray

    def found(self, *names: str) -> bool:
        return all(name in self.positions_ras_mm for name in names)

    def near(self, plane: ViewPlane, always: tuple[str, ...]) -> tuple[str, ...]:
        positions = self.positions_ras_mm
        return tuple(
            name
            for name in LANDMARK_NAMES
            if name in positions and (name in always or abs(plane.project_mm(positions[name])[2]) <= _NEAR_PLANE_MM)
        )


def plan_slices(
    positions_ras_mm: Mapping[str, FloatArray], fallback_center_ras_mm: FloatArray
) -> tuple[PlannedView, ...]:
    """Return the slice pictures: always the same files, whatever was found.

    Args:
        positions_ras_mm: landmarks that were found.
        fallback_center_ras_mm: where to look when none was.
    """
    root = _root(positions_ras_mm, fallback_center_ras_mm)
    return (
        _annulus(root),
        _ostium(root, "RCO", "ostium_rco.png"),
        _ostium(root, "LCO", "ostium_lco.png"),
        _septum(root),
        _axial(root),
        _coronal(root),
    )


def plan_three_d(
    positions_ras_mm: Mapping[str, FloatArray],
    fallback_center_ras_mm: FloatArray,
    c_arms: Mapping[str, CArmDirection],
) -> tuple[PlannedView, ...]:
    """Return the 3D pictures: the three-cusp view, or the view from the front; and the cusp overlap where measured.

    Args:
        positions_ras_mm: landmarks that were found.
        fallback_center_ras_mm: where to look when none was.
        c_arms: directions that were measured, by name.
    """
    root = _root(positions_ras_mm, fallback_center_ras_mm)
    overview = _three_cusps(root, c_arms.get(THREE_CUSP))
    overlap = c_arms.get(CUSP_OVERLAP)
    if root.frame is None or overlap is None:
        return (overview,)
    plane = c_arm_view(root.frame, overlap.toward_detector)
    title = f"3D cusp-overlap view as on the C-arm, {overlap.shown}"
    return overview, PlannedView("cusp_overlap_3d.png", title, plane, _CLOSE_FIELD_MM, overview.landmarks)


def _root(positions_ras_mm: Mapping[str, FloatArray], fallback_center_ras_mm: FloatArray) -> _Root:
    frame = root_frame(positions_ras_mm)
    middle = frame.center_ras_mm if frame is not None else middle_of(positions_ras_mm)
    return _Root(positions_ras_mm, frame, fallback_center_ras_mm if middle is None else middle)


def _three_cusps(root: _Root, measured: CArmDirection | None) -> PlannedView:
    names = tuple(name for name in LANDMARK_NAMES if root.found(name))
    if root.frame is None:
        title = f"3D from the front ({_missing_hinge_points(root)})"
        plane = coronal_view(root.middle_ras_mm)
        return PlannedView("overview_3d.png", title, plane, _CLOSE_FIELD_MM, names, _OF_CALCIUM)
    plane = three_cusp_view(root.frame, root.positions_ras_mm)
    title = "3D three-cusp view, right coronary cusp in front"
    if measured is not None:
        title = f"{title}, {measured.shown}"
    return PlannedView("overview_3d.png", title, plane, _CLOSE_FIELD_MM, names, _OF_CALCIUM)


def _annulus(root: _Root) -> PlannedView:
    if root.frame is None:
        plane = axial_view(root.middle_ras_mm)
        title = f"Axial slice instead of the annulus plane ({_missing_hinge_points(root)})"
    else:
        plane = annulus_view(root.frame)
        title = "Annulus plane through the hinge points, seen from the left ventricle"
    return PlannedView("annulus.png", title, plane, _CLOSE_FIELD_MM, root.near(plane, LANDMARK_NAMES), _OF_ANNULUS)


def _ostium(root: _Root, ostium: str, file_name: str) -> PlannedView:
    full_name, cusp = LANDMARK_BY_NAME[ostium].full_name, _CUSP_OF_OSTIUM[ostium]
    if root.frame is not None:
        target = ostium if root.found(ostium) else cusp
        plane = along_axis_view(root.frame, root.positions_ras_mm[target])
        title = f"{full_name}, plane along the root's axis"
        if target == cusp:
            title = f"Sinus of {cusp}, plane along the root's axis ({ostium} not found)"
    else:
        target = ostium if root.found(ostium) else cusp
        center = root.positions_ras_mm.get(target, root.middle_ras_mm)
        plane = coronal_view(center)
        reason = _missing_hinge_points(root) if root.found(ostium) else f"{ostium} not found"
        title = f"{full_name}: coronal slice instead ({reason})"
    keys = (f"{ostium.lower()}_height_mm", f"{ostium.lower()}_wall_height_mm", "stj_diameter_mm")
    return PlannedView(file_name, title, plane, _CLOSE_FIELD_MM, root.near(plane, (ostium,)), keys, _LEVELS)


def _septum(root: _Root) -> PlannedView:
    points = septum_points(root.positions_ras_mm)
    missing = " and ".join(name for name in SEPTUM if not root.found(name))
    if points is not None:
        plane = septum_view(root.frame, *points)
        title = "Membranous septum, cut across" + (f" ({missing} not found)" if missing else "")
    elif root.frame is not None:
        # The membranous septum lies below the commissure between these two cusps.
        between = (root.positions_ras_mm["RCC"] + root.positions_ras_mm["NCC"]) / 2
        plane = along_axis_view(root.frame, between)
        title = f"Below the commissure of RCC and NCC ({missing} not found)"
    else:
        plane = coronal_view(root.middle_ras_mm)
        title = f"Membranous septum: coronal slice instead ({missing} not found)"
    return PlannedView("septum.png", title, plane, _SEPTUM_FIELD_MM, root.near(plane, SEPTUM), _OF_SEPTUM, _LEVELS[:1])


def _axial(root: _Root) -> PlannedView:
    plane = axial_view(root.middle_ras_mm)
    return PlannedView(
        "axial.png", "Axial slice, seen from the feet", plane, _WIDE_FIELD_MM, root.near(plane, ()), levels=_LEVELS[:1]
    )


def _coronal(root: _Root) -> PlannedView:
    plane = coronal_view(root.middle_ras_mm)
    return PlannedView(
        "coronal.png", "Coronal slice, seen from the front", plane, _WIDE_FIELD_MM, root.near(plane, ()), levels=_LEVELS
    )


def _missing_hinge_points(root: _Root) -> str:
    missing = [name for name in HINGE_POINTS if not root.found(name)]
    return f"{', '.join(missing)} not found" if missing else "hinge points on one line"
