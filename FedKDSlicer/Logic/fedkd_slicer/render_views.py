"""Draw the pictures of a case: Slicer draws the CT, the points and the calcification; words come on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import slicer

from fedkd.progress import ProgressEvent, Report
from fedkd_slicer.annotate_view import annotate, label_points
from fedkd_slicer.captions import caption_of, point_name, point_name_and_distance
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.ct_nodes import middle_ras_mm
from fedkd_slicer.markups_nodes import add_single_landmark
from fedkd_slicer.offscreen_views import OffscreenSlice, OffscreenThreeD, Stage
from fedkd_slicer.scene_from_case import CaseNodes
from fedkd_slicer.segmentation_nodes import has_voxels
from fedkd_slicer.view_plan import PlannedView, plan_overview_3d, plan_slices


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
    overview = plan_overview_3d(case.positions_ras_mm, fallback_center)
    painter = _Painter(case, folder, has_voxels(nodes.calcification))
    with _one_node_per_landmark(case, nodes) as markers:
        with OffscreenSlice(stage, nodes.ct) as slice_view:
            for index, plan in enumerate(slices):
                report(ProgressEvent("views", index / (len(slices) + 1), f"Drawing {plan.file_name}"))
                _show_only(markers, plan.landmarks)
                painter.paint_slice(slice_view, plan)
        report(ProgressEvent("views", len(slices) / (len(slices) + 1), f"Drawing {overview.file_name}"))
        with OffscreenThreeD(stage, nodes.ct.GetScene()) as three_d_view:
            _show_only(markers, overview.landmarks)
            painter.paint_three_d(three_d_view, overview)
    return tuple(folder / plan.file_name for plan in (*slices, overview))


@dataclass(frozen=True)
class _Painter:
    case: CaseResults
    folder: Path
    has_calcification: bool

    def paint_slice(self, view: OffscreenSlice, plan: PlannedView) -> None:
        depths_mm = {name: plan.plane.project_mm(self.case.positions_ras_mm[name])[2] for name in plan.landmarks}
        labels = {name: point_name_and_distance(self.case, name, depth) for name, depth in depths_mm.items()}
        self._paint(view, plan, labels)

    def paint_three_d(self, view: OffscreenThreeD, plan: PlannedView) -> None:
        self._paint(view, plan, {name: point_name(self.case, name) for name in plan.landmarks})

    def _paint(self, view: OffscreenSlice | OffscreenThreeD, plan: PlannedView, labels: Mapping[str, str]) -> None:
        view.look_at(plan.plane, plan.field_of_view_mm)
        view.clear_overlay()
        caption = caption_of(self.case, plan.title, self.has_calcification)
        free = annotate(view.overlay, view.size_px, caption, plan.plane, plan.field_of_view_mm)
        points_px = {name: view.to_picture_px(self.case.positions_ras_mm[name]) for name in plan.landmarks}
        label_points(view.overlay, points_px, labels, free)
        view.save_png(self.folder / plan.file_name)


Markers = Mapping[str, slicer.vtkMRMLMarkupsFiducialNode]


def _show_only(markers: Markers, names: tuple[str, ...]) -> None:
    for name, marker in markers.items():
        marker.GetDisplayNode().SetVisibility(name in names)


@contextmanager
def _one_node_per_landmark(case: CaseResults, nodes: CaseNodes) -> Iterator[Markers]:
    # A markups node has one color; in a picture every landmark has its own.
    scene, display = nodes.landmarks.GetScene(), nodes.landmarks.GetDisplayNode()
    was_visible = display.GetVisibility()
    display.SetVisibility(False)
    markers = {name: add_single_landmark(scene, name, place) for name, place in case.positions_ras_mm.items()}
    try:
        yield markers
    finally:
        for marker in markers.values():
            scene.RemoveNode(marker)
        display.SetVisibility(was_visible)
