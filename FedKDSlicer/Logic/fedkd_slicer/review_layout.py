"""Slices, 3D camera and layout as a reviewer wants to find them when the scene opens."""

from __future__ import annotations

from collections.abc import Mapping

import slicer

from fedkd_slicer.ct_nodes import middle_ras_mm
from fedkd_slicer.scene_from_case import CaseNodes
from fedkd_slicer.slice_planes import review_planes
from fedkd_slicer.view_nodes import aim_camera, show_slice
from fedkd_slicer.view_planes import FloatArray, ViewPlane, root_frame, three_cusp_view

# Layout name: letter, color and orientation as the application gives them to its own slice views.
_SLICE_VIEWS = {
    "Red": ("R", (0.953, 0.290, 0.200), "Axial"),
    "Green": ("G", (0.431, 0.690, 0.294), "Coronal"),
    "Yellow": ("Y", (0.929, 0.835, 0.298), "Sagittal"),
}
_THREE_D_VIEW = "1"


def arrange_for_review(
    scene: slicer.vtkMRMLScene, nodes: CaseNodes, positions_ras_mm: Mapping[str, FloatArray]
) -> None:
    """Show the CT in four views around the aortic root.

    With three hinge points the slices follow the root: red lies in the annulus plane, green and yellow stand
    on it, green through the right coronary cusp's hinge point. Otherwise they are axial, coronal and sagittal.
    """
    planes = review_planes(positions_ras_mm, middle_ras_mm(nodes.ct))
    for layout_name, plane in planes.items():
        show_slice(_slice_view(scene, layout_name), plane)
        composite = _slice_composite(scene, layout_name)
        composite.SetBackgroundVolumeID(nodes.ct.GetID())
        composite.SetLinkedControl(True)
    _aim_camera(scene, _camera_plane(positions_ras_mm, planes["Green"]))
    _select_four_up(scene)
    selection = scene.GetFirstNodeByClass("vtkMRMLSelectionNode")
    if selection is not None:
        selection.SetActiveVolumeID(nodes.ct.GetID())
        selection.SetActivePlaceNodeID(nodes.landmarks.GetID())


def _camera_plane(positions_ras_mm: Mapping[str, FloatArray], fallback: ViewPlane) -> ViewPlane:
    frame = root_frame(positions_ras_mm)
    return fallback if frame is None else three_cusp_view(frame, positions_ras_mm)


def _slice_view(scene: slicer.vtkMRMLScene, layout_name: str) -> slicer.vtkMRMLSliceNode:
    existing = scene.GetSingletonNode(layout_name, "vtkMRMLSliceNode")
    if existing is not None:
        return existing
    label, color, orientation = _SLICE_VIEWS[layout_name]
    node = scene.CreateNodeByClass("vtkMRMLSliceNode")  # with the scene's orientation presets, unlike a bare one
    node.UnRegister(None)
    node.SetName(layout_name)
    node.SetLayoutName(layout_name)
    node.SetLayoutLabel(label)
    node.SetLayoutColor(color)
    node.SetMappedInLayout(True)
    node.SetDimensions(400, 400, 1)
    node = scene.AddNode(node)
    node.SetOrientation(orientation)
    return node


def _slice_composite(scene: slicer.vtkMRMLScene, layout_name: str) -> slicer.vtkMRMLSliceCompositeNode:
    existing = scene.GetSingletonNode(layout_name, "vtkMRMLSliceCompositeNode")
    if existing is not None:
        return existing
    node = slicer.vtkMRMLSliceCompositeNode()
    node.SetLayoutName(layout_name)
    return scene.AddNode(node)


def _aim_camera(scene: slicer.vtkMRMLScene, plane: ViewPlane) -> None:
    view = scene.GetSingletonNode(_THREE_D_VIEW, "vtkMRMLViewNode")
    if view is None:
        view = slicer.vtkMRMLViewNode()
        view.SetLayoutName(_THREE_D_VIEW)
        view.SetName(f"View{_THREE_D_VIEW}")
        view.SetMappedInLayout(True)
        view = scene.AddNode(view)
    view.SetBoxVisible(False)
    view.SetOrientationMarkerType(slicer.vtkMRMLAbstractViewNode.OrientationMarkerTypeHuman)
    aim_camera(_camera_of(scene, _THREE_D_VIEW), plane)


def _camera_of(scene: slicer.vtkMRMLScene, layout_name: str) -> slicer.vtkMRMLCameraNode:
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLCameraNode")):
        camera = scene.GetNthNodeByClass(index, "vtkMRMLCameraNode")
        if camera.GetLayoutName() == layout_name:
            return camera
    camera = slicer.vtkMRMLCameraNode()
    camera.SetName("Camera")
    camera.SetLayoutName(layout_name)
    return scene.AddNode(camera)


def _select_four_up(scene: slicer.vtkMRMLScene) -> None:
    layout = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layout is None:
        layout = slicer.vtkMRMLLayoutNode()
        # The application brings the full descriptions; an unknown layout would only be warned about.
        layout.AddLayoutDescription(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView, '<layout type="vertical"/>')
        layout = scene.AddNode(layout)
    layout.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
