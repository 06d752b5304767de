"""What follows a dragged landmark and needs the CT: sections in and below the annulus plane, heights along the wall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fedkd.anatomy import HINGE_POINTS
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.root_view import RootView
from fedkd.measurement.section import Section, measure_section, outflow_plane
from fedkd.measurement.shapes import Contour, Line
from fedkd.measurement.sheet import Sheet
from fedkd.measurement.wall_height import height_along_wall_mm

_SIZES = (
    "area_mm2",
    "perimeter_mm",
    "diameter_min_mm",
    "diameter_max_mm",
    "diameter_area_mm",
    "diameter_perimeter_mm",
    "eccentricity",
)
ANNULUS_KEYS = tuple(f"annulus_{size}" for size in _SIZES)
OUTFLOW_KEYS = tuple(f"lvot_{size}" for size in _SIZES)
WALL_KEYS = {"LCO": "lco_wall_height_mm", "RCO": "rco_wall_height_mm"}
CT_KEYS = (*ANNULUS_KEYS, *OUTFLOW_KEYS, *WALL_KEYS.values())


@dataclass(frozen=True)
class Sections:
    """The lumen in the annulus plane and 4 mm below; None where it could not be measured."""

    annulus: Section | None
    outflow: Section | None

    @property
    def contours(self) -> tuple[Contour, ...]:
        """What there is to draw."""
        named = (("Annulus", self.annulus), ("LVOT", self.outflow))
        return tuple(contour_of(name, section) for name, section in named if section is not None)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The diameters of the annulus."""
        return () if self.annulus is None else self.annulus.diameter_lines("Annulus")


def contour_of(name: str, section: Section) -> Contour:
    """Return a section's contour, to be drawn."""
    return Contour(name, section.plane, section.contour_lps_mm)


def measure_sections(view: RootView, landmarks: RootLandmarks, sheet: Sheet) -> Sections:
    """Enter the sections and the heights along the wall into ``sheet``."""
    plane = landmarks.need_plane()
    hinges = np.array(landmarks.need(*HINGE_POINTS))
    annulus = _enter_section(
        ANNULUS_KEYS, lambda: measure_section(view.root, plane, view.need_blood(), through_lps_mm=hinges), sheet
    )
    below = outflow_plane(plane if annulus is None else annulus.plane)
    outflow = _enter_section(OUTFLOW_KEYS, lambda: measure_section(view.root, below, view.need_blood()), sheet)
    for name, key in WALL_KEYS.items():
        sheet.measure((key,), partial(_wall_height, view, landmarks, annulus, name))
    return Sections(annulus, outflow)


def _enter_section(keys: Sequence[str], measure: Callable[[], Section], sheet: Sheet) -> Section | None:
    try:
        section = measure()
    except NotMeasurable as why:
        sheet.fail(keys, str(why))
        return None
    sheet.measure(keys, lambda: [getattr(section, size) for size in _SIZES])
    return section


def _wall_height(view: RootView, landmarks: RootLandmarks, annulus: Section | None, ostium: str) -> tuple[float]:
    position = landmarks.need(ostium)[0]
    if annulus is None:
        raise NotMeasurable("The wall's lower end is not known: the annulus has no contour.")
    return (height_along_wall_mm(view.root, view.need_blood(), annulus, position),)
