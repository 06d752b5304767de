"""What takes longer than a drag may: the centerline with sinuses, junction and ascending aorta, and the calcium."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from fedkd.anatomy import HINGE_POINTS
from fedkd.measurement.calcium import CalciumParts, CalciumThreshold, Marks, RootFrame, measure_calcium
from fedkd.measurement.catalog import SPECIFICATIONS, Group
from fedkd.measurement.centerline import Lumen, follow_lumen
from fedkd.measurement.from_ct import Sections, contour_of
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.root_sizes import (
    Junction,
    SinusDiameter,
    ascending_aorta,
    sinotubular_junction,
    sinus_diameters,
)
from fedkd.measurement.root_view import RootView
from fedkd.measurement.section import Section
from fedkd.measurement.shapes import CenterlinePoint, Contour, Line
from fedkd.measurement.sheet import Sheet

_SINUS_KEYS = ("sinus_rcc_diameter_mm", "sinus_lcc_diameter_mm", "sinus_ncc_diameter_mm", "sinus_mean_diameter_mm")
_SINUS_LINES = ("Sinus diameter, right coronary", "Sinus diameter, left coronary", "Sinus diameter, non-coronary")
_JUNCTION_KEYS = ("stj_diameter_mm", "stj_height_mm")
_AORTA_KEYS = ("ascending_aorta_diameter_mm",)
CALCIUM_KEYS = tuple(one.key for one in SPECIFICATIONS if one.group is Group.CALCIUM)
ROOT_KEYS = (*_SINUS_KEYS, *_JUNCTION_KEYS, *_AORTA_KEYS, *CALCIUM_KEYS)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class RootSizes:
    """What was found along the centerline; None where it could not be measured."""

    lumen: Lumen | None
    junction: Junction | None
    aorta: Section | None
    sinuses: tuple[SinusDiameter, ...]

    @property
    def contours(self) -> tuple[Contour, ...]:
        """Sections to draw."""
        named = (
            ("Sinotubular junction", None if self.junction is None else self.junction.section),
            ("Ascending aorta", self.aorta),
        )
        return tuple(contour_of(name, section) for name, section in named if section is not None)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Diameters to draw."""
        named = zip(_SINUS_LINES, self.sinuses, strict=False)
        return tuple(Line(name, sinus.commissure_lps_mm, sinus.wall_lps_mm) for name, sinus in named)

    @property
    def centerline(self) -> tuple[CenterlinePoint, ...]:
        """The centerline with the lumen's area."""
        return () if self.lumen is None else self.lumen.points


@dataclass(frozen=True)
class Marked:
    """Which voxels may be calcium.

    Args:
        mask: where a model or a reader sees calcium; None: no opinion.
        threshold: which voxels are bright enough.
    """

    mask: Marks | None
    threshold: CalciumThreshold


def measure_sizes(view: RootView, landmarks: RootLandmarks, sheet: Sheet) -> RootSizes:
    """Enter sinuses, sinotubular junction and ascending aorta into ``sheet``."""
    plane = landmarks.need_plane()
    entry = _Entry(sheet)
    hinges = np.array(landmarks.need(*HINGE_POINTS))
    lumen = entry.of((), lambda: follow_lumen(view.root, plane, view.need_blood(), hinges), lambda _: ())
    if lumen is None:
        sheet.fail((*_SINUS_KEYS, *_JUNCTION_KEYS, *_AORTA_KEYS), entry.reason)
        return RootSizes(None, None, None, ())
    aorta = entry.of(_AORTA_KEYS, lambda: ascending_aorta(lumen), lambda section: (section.diameter_area_mm,))
    junction = entry.of(
        _JUNCTION_KEYS,
        lambda: sinotubular_junction(view.root, lumen, plane, view.need_blood()),
        lambda found: (found.diameter_mm, found.height_mm),
    )
    if junction is None:
        sheet.fail(_SINUS_KEYS, entry.reason)
        return RootSizes(lumen, None, aorta, ())
    sinuses = entry.of(
        _SINUS_KEYS,
        lambda: sinus_diameters(lumen, junction.along_mm, landmarks.need(*HINGE_POINTS)),
        lambda found: (*(one.diameter_mm for one in found), sum(one.diameter_mm for one in found) / len(found)),
    )
    return RootSizes(lumen, junction, aorta, sinuses or ())


def measure_calcium_parts(
    view: RootView, landmarks: RootLandmarks, sections: Sections, sizes: RootSizes, marked: Marked, sheet: Sheet
) -> CalciumParts | None:
    """Enter the calcium into ``sheet``; return its parts, or None where it could not be measured."""

    def measure() -> CalciumParts:
        if sections.annulus is None:
            raise NotMeasurable("The annulus has no contour, so the root's wall is not known.")
        hinges = np.array(landmarks.need(*HINGE_POINTS))
        junction_mm = None if sizes.junction is None else sizes.junction.height_mm
        frame = RootFrame.of(sections.annulus.plane, hinges, junction_mm)
        return measure_calcium(view.root, frame, view.need_blood(), marked.mask, marked.threshold)

    return _Entry(sheet).of(CALCIUM_KEYS, measure, lambda parts: [parts.values()[key] for key in CALCIUM_KEYS])


class _Entry:
    """Enters what is found and hands it on; ``reason`` says why the last one was not."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.reason = ""

    def of(
        self, keys: Sequence[str], find: Callable[[], _Found], values: Callable[[_Found], Sequence[float]]
    ) -> _Found | None:
        """Return what ``find`` returns, its ``values`` entered under ``keys``; None when it cannot be measured."""
        try:
            found = find()
        except NotMeasurable as why:
            self.reason = str(why)
            self._sheet.fail(keys, self.reason)
            return None
        self._sheet.measure(keys, lambda: values(found))
        return found
