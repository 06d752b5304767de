"""Draw the pictures of a case: Slicer draws the CT, the points and the calcification; words come on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import slicer

from fedkd.progress import ProgressEvent, Report
from fedkd_slicer.annotate_view import Label, annotate, draw_outlines, landmark_label, write_labels
from fedkd_slicer.captions import caption_of, point_name, point_name_and_distance
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.ct_nodes import middle_ras_mm
from fedkd_slicer.markups_nodes import add_single_landmark
from fedkd_slicer.offscreen_views import OffscreenSlice, OffscreenThreeD, Stage
from fedkd_slicer.scene_from_case import CaseNodes
from fedkd_slicer.segmentation_nodes import has_voxels
from fedkd_slicer.shape_outlines import Outline, heights_in_3d, outlines_in_slice
from fedkd_slicer.view_plan import PlannedView, plan_slices, plan_three_d

_CONTOUR_CLASS, _PLANE_CLASS = "vtkMRMLMarkupsClosedCurveNode", "vtkMRMLMarkupsPlaneNode"


def render_views(
    stage: Stage,
    case: CaseResults,
    nodes: CaseNodes,
    folder: Path,
    report: Report,
) -> tuple[Path, ...]:
    """Write the pictures of a case into an existing folder and return their paths; the scene is left as it was.

    Raises:
        FedkdError: SCENE_FAILED when a picture cannot be written.
    """
    fallback_center = middle_ras_mm(nodes.ct)
    slices = plan_slices(case.positions_ras_mm, fallback_center)
    three_d = plan_three_d(case.positions_ras_mm, fallback_center, case.measured.shapes.c_arms)
    plans = (*slices, *three_d)
    painter = _Painter(case, folder, has_voxels(nodes.calcification))
    with _hidden((nodes.landmarks, *nodes.shapes)), _one_node_per_landmark(case, nodes.ct.GetScene()) as markers:
        with OffscreenSlice(stage, nodes.ct) as slice_view:
            for number, plan in enumerate(slices):
                report(_drawing(plan, number / len(plans)))
                _show_only(markers, plan.landmarks)
                painter.paint_slice(slice_view, plan)
        _show_levels(nodes.shapes)
        with OffscreenThreeD(stage, nodes.ct.GetScene()) as three_d_view:
            for number, plan in enumerate(three_d, len(slices)):
                report(_drawing(plan, number / len(plans)))
                _show_only(markers, plan.landmarks)
                painter.paint_three_d(three_d_view, plan)
    return tuple(folder / plan.file_name for plan in plans)


def _drawing(plan: PlannedView, fraction: float) -> ProgressEvent:
    return ProgressEvent("views", fraction, f"Drawing {plan.file_name}")


@dataclass(frozen=True)
class _Painter:
    case: CaseResults
    folder: Path
    has_calcification: bool

    def paint_slice(self, view: OffscreenSlice, plan: PlannedView) -> None:
        depths_mm = {name: plan.plane.project_mm(self.case.positions_ras_mm[name])[2] for name in plan.landmarks}
        labels = {name: point_name_and_distance(self.case, name, depth) for name, depth in depths_mm.items()}
        view.look_at(plan.plane, plan.field_of_view_mm)
        self._paint(view, plan, labels, outlines_in_slice(self.case.measured.shapes, plan, view.to_picture_px))

    def paint_three_d(self, view: OffscreenThreeD, plan: PlannedView) -> None:
        labels = {name: point_name(self.case, name) for name in plan.landmarks}
        view.look_at(plan.plane, plan.field_of_view_mm)
        self._paint(view, plan, labels, heights_in_3d(self.case.measured.shapes, view.to_picture_px))

    def _paint(
        self,
        view: OffscreenSlice | OffscreenThreeD,
        plan: PlannedView,
        names: Mapping[str, str],
        outlines: tuple[Outline, ...],
    ) -> None:
        view.clear_overlay()
        draw_outlines(view.overlay, outlines)
        caption = caption_of(self.case, plan, self.has_calcification)
        free = annotate(view.overlay, view.size_px, caption, plan.plane, plan.field_of_view_mm)
        positions = self.case.positions_ras_mm
        labels = [landmark_label(name, text, view.to_picture_px(positions[name])) for name, text in names.items()]
        labels += [Label(line.text, line.text_at_px, line.color) for line in outlines if line.text]
        write_labels(view.overlay, labels, free)
        view.save_png(self.folder / plan.file_name)


Markers = Mapping[str, slicer.vtkMRMLMarkupsFiducialNode]


def _show_only(markers: Markers, names: tuple[str, ...]) -> None:
    for name, marker in markers.items():
        marker.GetDisplayNode().SetVisibility(name in names)


def _show_levels(shapes: tuple[slicer.vtkMRMLMarkupsNode, ...]) -> None:
    for node in shapes:
        node.GetDisplayNode().SetVisibility(node.IsA(_CONTOUR_CLASS) or node.IsA(_PLANE_CLASS))


@contextmanager
def _hidden(nodes: tuple[slicer.vtkMRMLMarkupsNode, ...]) -> Iterator[None]:
    displays = [node.GetDisplayNode() for node in nodes]
    were_visible = [display.GetVisibility() for display in displays]
    for display in displays:
        display.SetVisibility(False)
    try:
        yield
    finally:
        for display, was_visible in zip(displays, were_visible, strict=True):
            display.SetVisibility(was_visible)


@contextmanager
def _one_node_per_landmark(case: CaseResults, scene: slicer.vtkMRMLScene) -> Iterator[Markers]:
    # A markups node has one color; in a picture every landmark has its own.
    markers = {name: add_single_landmark(scene, name, place) for name, place in case.positions_ras_mm.items()}
    try:
        yield markers
    finally:
        for marker in markers.values():
            scene.RemoveNode(marker)
