"""Three planes for three slice views, each set showing one part of the root. Pure geometry in RAS millimeters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fedkd_slicer.view_planes import (
    FloatArray,
    RootFrame,
    ViewPlane,
    along_axis_view,
    annulus_view,
    axial_view,
    coronal_view,
    middle_of,
    root_frame,
    sagittal_view,
    septum_points,
    septum_view,
)

SlicePlanes = dict[str, ViewPlane]  # by the slice view's name: Red, Green, Yellow
_ASIDE_MM = 10.0  # any distance: it only says in which direction to cut


class NothingToShow(Exception):  # noqa: N818 - an answer to the reader, not a fault
    """The planes need a landmark that is not there; the message says which, and what to do."""


def review_planes(positions_ras_mm: Mapping[str, FloatArray], fallback_center_ras_mm: FloatArray) -> SlicePlanes:
    """Return the planes to begin with: the annulus, or axial, coronal and sagittal ones without three hinge points."""
    frame = root_frame(positions_ras_mm)
    if frame is not None:
        return annulus_planes(frame, positions_ras_mm["RCC"])
    center = middle_of(positions_ras_mm)
    if center is None:
        center = fallback_center_ras_mm
    return {"Red": axial_view(center), "Green": coronal_view(center), "Yellow": sagittal_view(center)}


def annulus_planes(frame: RootFrame, rcc_ras_mm: FloatArray) -> SlicePlanes:
    """Return the annulus plane in Red; the two others stand on it and hold its axis, Green also the hinge of RCC."""
    green = along_axis_view(frame, rcc_ras_mm)
    yellow = along_axis_view(frame, frame.center_ras_mm + _ASIDE_MM * green.toward_viewer)
    return {"Red": annulus_view(frame), "Green": green, "Yellow": yellow}


def ostium_planes(frame: RootFrame, ostium_ras_mm: FloatArray) -> SlicePlanes:
    """Return in Red the plane that holds the ostium and the root's axis, in which its height is seen.

    All three hold the ostium: Green is parallel to the annulus, Yellow stands on both.
    """
    red = replace(along_axis_view(frame, ostium_ras_mm), center_ras_mm=ostium_ras_mm)
    green = replace(annulus_view(frame), center_ras_mm=ostium_ras_mm)
    return {"Red": red, "Green": green, "Yellow": _across(red)}


def septum_planes(frame: RootFrame | None, upper_ras_mm: FloatArray, lower_ras_mm: FloatArray) -> SlicePlanes:
    """Return in Red the plane that holds both septal points and cuts the septum across.

    All three hold the middle between the points: Green stands on the line between them, Yellow holds that line.
    """
    red = septum_view(frame, upper_ras_mm, lower_ras_mm)
    # Toward the feet is toward the viewer, as in axial slices.
    green = ViewPlane(red.center_ras_mm, red.right, red.toward_viewer)
    return {"Red": red, "Green": green, "Yellow": _across(red)}


def planes_of(target: str, positions_ras_mm: Mapping[str, FloatArray]) -> SlicePlanes:
    """Return the planes for ``annulus``, ``RCO``, ``LCO`` or ``septum``.

    Raises:
        NothingToShow: a landmark is missing, or the hinge points span no plane.
        KeyError: there is no such target.
    """
    frame = root_frame(positions_ras_mm)
    if target == "septum":
        points = septum_points(positions_ras_mm)
        if points is None:
            raise NothingToShow("MS1 and MS2 are missing. Place one of them first.")
        return septum_planes(frame, *points)
    if target not in ("annulus", "RCO", "LCO"):
        raise KeyError(target)
    if frame is None:
        raise NothingToShow("The annulus plane needs RCC, LCC and NCC, not on one line. Place them first.")
    if target == "annulus":
        return annulus_planes(frame, positions_ras_mm["RCC"])
    if target not in positions_ras_mm:
        raise NothingToShow(f"{target} is missing. Place it first.")
    return ostium_planes(frame, positions_ras_mm[target])


def _across(plane: ViewPlane) -> ViewPlane:
    """Return the plane through the same center and upper edge, turned by a quarter."""
    return ViewPlane(plane.center_ras_mm, plane.toward_viewer, plane.up)
