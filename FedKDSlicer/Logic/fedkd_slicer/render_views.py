"""Draw the pictures of a case: Slicer draws the CT, the points and the calcification; words come on top."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import slicer

from fedkd.progress import ProgressEvent, Report
from fedkd_slicer.annotate_view import annotate, label_points
from fedkd_slicer.captions import caption_of, point_label
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.ct_nodes import middle_ras_mm
from fedkd_slicer.markups_nodes import add_single_landmark
from fedkd_slicer.offscreen_views import OffscreenSlice, OffscreenThreeD
from fedkd_slicer.scene_from_case import CaseNodes
from fedkd_slicer.segmentation_nodes import has_voxels
from fedkd_slicer.view_plan import PlannedView, plan_overview_3d, plan_slices

PICTURE_SIZE_PX = 800
Markers = dict[str, slicer.vtkMRMLMarkupsFiducialNode]


def render_views(
    application_logic: slicer.vtkSlicerApplicationLogic,
    case: CaseResults,
    nodes: CaseNodes,
    folder: Path,
    report: Report,
) -> tuple[Path, ...]:
    """Write the pictures of a case into an existing folder and return their paths; the scene is left as it was.

    Raises:
        FedkdError: DEPENDENCY_MISSING without OpenGL, SCENE_FAILED when a picture cannot be written.
    """
    fallback_center = middle_ras_mm(nodes.ct)
    slices = plan_slices(case.positions_ras_mm, fallback_center)
    overview = plan_overview_3d(case.positions_ras_mm, fallback_center)
    with _separate_landmarks(case, nodes) as markers:
        view = OffscreenSlice(PICTURE_SIZE_PX, application_logic, nodes.ct)
        for index, plan in enumerate(slices):
            report(ProgressEvent("views", index / (len(slices) + 1), f"Drawing {plan.file_name}"))
            _draw(view, plan, case, nodes, markers, folder)
        report(ProgressEvent("views", len(slices) / (len(slices) + 1), f"Drawing {overview.file_name}"))
        view_3d = OffscreenThreeD(PICTURE_SIZE_PX, application_logic, nodes.ct.GetScene())
        _draw(view_3d, overview, case, nodes, markers, folder)
    return tuple(folder / plan.file_name for plan in (*slices, overview))


def _draw(
    view: OffscreenSlice | OffscreenThreeD,
    plan: PlannedView,
    case: CaseResults,
    nodes: CaseNodes,
    markers: Markers,
    folder: Path,
) -> None:
    for name, marker in markers.items():
        marker.GetDisplayNode().SetVisibility(name in plan.landmarks)
    view.look_at(plan.plane, plan.field_of_view_mm)
    view.clear_overlay()
    caption = caption_of(case, plan.title, has_voxels(nodes.calcification))
    free = annotate(view.overlay, view.size_px, caption, plan.plane, plan.field_of_view_mm)
    positions = {name: case.positions_ras_mm[name] for name in plan.landmarks}
    points_px = {name: view.to_picture_px(position) for name, position in positions.items()}
    labels = {name: point_label(case, name, plan.plane.project_mm(position)[2]) for name, position in positions.items()}
    label_points(view.overlay, points_px, labels, free)
    view.save_png(folder / plan.file_name)


@contextmanager
def _separate_landmarks(case: CaseResults, nodes: CaseNodes) -> Iterator[Markers]:
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
