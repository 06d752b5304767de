"""What follows a landmark while it is dragged: everything but the slow parts, in a few hundredths of a second.

session = DragSession(ct.image)
followed = session.follow(points)      # on every move
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import SimpleITK as sitk

from fedkd.confidence import Confidence
from fedkd.geometry import Grid, Plane
from fedkd.measurement.blood import Blood
from fedkd.measurement.catalog import KEYS
from fedkd.measurement.findings import Finding
from fedkd.measurement.from_ct import CT_KEYS, Sections, measure_sections
from fedkd.measurement.from_landmarks import measure_landmarks
from fedkd.measurement.one_thread import one_thread
from fedkd.measurement.plausibility import Evidence, findings
from fedkd.measurement.quantity import NotMeasurable, Quantity
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.root_view import BLOOD_KEYS, RootView
from fedkd.measurement.shapes import Shapes
from fedkd.measurement.sheet import Sheet

# Within this the crop still holds the root, and the blood is as bright as it was.
_SAME_VIEW_MM = 10.0
_SAME_VIEW_COSINE = 0.94  # 20 degrees


@dataclass(frozen=True)
class Followed:
    """What was measured anew. ``quantities`` are in the catalog's order and lack the slow ones: they are out of date.

    Args:
        quantities: value or reason of everything that follows a drag.
        findings: about these quantities and the landmarks.
        shapes: to be drawn at once.
        sections: of the lumen, for the measurements that build on them.
    """

    quantities: dict[str, Quantity]
    findings: tuple[Finding, ...]
    shapes: Shapes
    sections: Sections


class DragSession:
    """Keeps the voxels around the root, and the brightness of its blood, from one call to the next.

    Args:
        image: 3D CT in HU, any orientation; it is kept, not copied.
        confidences: landmark name -> confidence, of points that a model found.
    """

    def __init__(self, image: sitk.Image, confidences: Mapping[str, Confidence] | None = None) -> None:
        self._image = image
        self._grid = Grid.of(image)
        self._confidences = dict(confidences or {})
        self._view: RootView | None = None

    @property
    def view(self) -> RootView | None:
        """The root as last seen; None before there was an annulus plane."""
        return self._view

    @one_thread()
    def follow(
        self,
        points_lps_mm: Mapping[str, tuple[float, float, float]],
        confidences: Mapping[str, Confidence] | None = None,
    ) -> Followed:
        """Measure what follows the landmarks; points that are missing or make no sense give reasons.

        Args:
            points_lps_mm: landmark name -> position.
            confidences: of points that still lie where a model found them; None: as given in the beginning.
        """
        landmarks = RootLandmarks.of(points_lps_mm, self._grid)
        sheet = Sheet()
        shapes = measure_landmarks(landmarks, sheet)
        sections = Sections(None, None)
        try:
            view = self._view_of(landmarks)
        except NotMeasurable as why:
            sheet.fail((*CT_KEYS, *BLOOD_KEYS), str(why))
        else:
            view.enter_blood(sheet)
            sections = measure_sections(view, landmarks, sheet)
        trusted = self._confidences if confidences is None else confidences
        evidence = Evidence(sheet.quantities, landmarks, trusted, shapes.named_views)
        return Followed(
            {key: sheet.quantities[key] for key in KEYS if key in sheet.quantities},
            findings(evidence),
            replace(shapes, contours=sections.contours, lines=shapes.lines + sections.lines),
            sections,
        )

    def _view_of(self, landmarks: RootLandmarks) -> RootView:
        plane = landmarks.need_plane()
        if self._view is None or not _is_alike(self._view, plane):
            self._view = RootView.of(self._image, landmarks)
        return self._view


def _is_alike(view: RootView, plane: Plane) -> bool:
    """True when the view's crop and blood hold for ``plane``, too; a reason is never kept."""
    moved = np.linalg.norm(view.plane.center_lps_mm - plane.center_lps_mm)
    along = float(view.plane.normal_lps @ plane.normal_lps)
    return isinstance(view.blood, Blood) and bool(moved < _SAME_VIEW_MM) and along > _SAME_VIEW_COSINE
