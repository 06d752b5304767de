"""Slice and 3D views without a screen, drawn by Slicer's own displayable managers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import slicer
import vtk

from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer.view_planes import FloatArray, ViewPlane

_SLICE_MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
)
_THREE_D_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
)
_CAPTURE_SLICE_NAME = "FedKDCaptureSlice"
_CAPTURE_VIEW_NAME = "FedKDCaptureView"


@dataclass(frozen=True)
class Stage:
    """What views are made with.

    Args:
        application_logic: Slicer's application logic; displayable managers ask it for the module logics.
        window_class: a class of VTK's render windows that draws here, see ``opengl_probe``;
            ``vtkRenderWindow`` inside the application.
        size_px: width and height of the pictures.
    """

    application_logic: slicer.vtkSlicerApplicationLogic
    window_class: str
    size_px: int = 800


class OffscreenView:
    """A render window with Slicer's displayable managers below and room for drawings of our own above."""

    def __init__(self, stage: Stage, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._nodes_before = _node_ids(scene)
        self.size_px = stage.size_px
        self.window = getattr(vtk, stage.window_class)()
        self.window.SetOffScreenRendering(True)
        # With multisampling translucent segments vanish without a word.
        self.window.SetMultiSamples(0)
        self.window.SetSize(stage.size_px, stage.size_px)
        self.window.SetNumberOfLayers(2)
        self.renderer = vtk.vtkRenderer()
        self.overlay = vtk.vtkRenderer()
        self.overlay.SetLayer(1)
        self.window.AddRenderer(self.renderer)
        self.window.AddRenderer(self.overlay)
        self._interactor = vtk.vtkRenderWindowInteractor()  # markups are not drawn without one
        self._interactor.SetRenderWindow(self.window)
        self._interactor.SetInteractorStyle(None)

    def _attach(
        self,
        application_logic: slicer.vtkSlicerApplicationLogic,
        factory: slicer.vtkMRMLDisplayableManagerFactory,
        managers: tuple[str, ...],
        node: slicer.vtkMRMLAbstractViewNode,
    ) -> None:
        """Let displayable managers draw into this view what ``node`` shows."""
        factory.SetMRMLApplicationLogic(application_logic)
        for manager in managers:
            if not factory.IsDisplayableManagerRegistered(manager):
                factory.RegisterDisplayableManager(manager)
        self.managers = slicer.vtkMRMLDisplayableManagerGroup()
        self.managers.SetRenderer(self.renderer)
        self.managers.Initialize(factory, self.renderer)
        self.managers.SetMRMLDisplayableNode(node)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove what showing the view has added to the scene: its slice or view node, camera, and the like."""
        self.managers.SetMRMLDisplayableNode(None)
        self.window.Finalize()
        for node_id in _node_ids(self._scene) - self._nodes_before:
            node = self._scene.GetNodeByID(node_id)
            if node is not None:
                self._scene.RemoveNode(node)

    def clear_overlay(self) -> None:
        """Remove our own drawings."""
        self.overlay.RemoveAllViewProps()

    def save_png(self, path: Path) -> None:
        """Draw everything and write it.

        Raises:
            FedkdError: SCENE_FAILED when the picture could not be written.
        """
        self.window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(self.window)
        grabber.ReadFrontBufferOff()
        grabber.SetInputBufferTypeToRGB()
        writer = vtk.vtkPNGWriter()
        writer.SetFileName(str(path))
        writer.SetInputConnection(grabber.GetOutputPort())
        writer.Write()
        if writer.GetErrorCode() or not path.is_file():
            raise FedkdError(
                ExitCode.SCENE_FAILED,
                "A view could not be written.",
                where=path,
                what_to_do="Check that the disk has room and the folder can be written.",
            )


class OffscreenSlice(OffscreenView):
    """A slice view through one volume."""

    def __init__(self, stage: Stage, volume: slicer.vtkMRMLVolumeNode) -> None:
        super().__init__(stage, volume.GetScene())
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(stage.application_logic)
        self._logic.SetMRMLScene(volume.GetScene())
        self.node = self._logic.AddSliceNode(_CAPTURE_SLICE_NAME)
        self.node.SetMappedInLayout(True)
        self._logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
        self._logic.ResizeSliceNode(stage.size_px, stage.size_px)
        stage.application_logic.GetSliceLogics().AddItem(self._logic)
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        # Before everything else, or translucent drawings are blended with black instead of with the image.
        self._show_image()
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        self._attach(stage.application_logic, factory, _SLICE_MANAGERS, self.node)

    def look_at(self, plane: ViewPlane, field_of_view_mm: float) -> None:
        """Show the plane, its center in the middle of the picture."""
        self.node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(plane.plane_to_ras))
        self.node.SetDimensions(self.size_px, self.size_px, 1)
        self.node.SetFieldOfView(field_of_view_mm, field_of_view_mm, 1.0)
        self.node.SetXYZOrigin(0.0, 0.0, 0.0)
        self.node.UpdateMatrices()

    def to_picture_px(self, point_ras_mm: FloatArray) -> FloatArray:
        """Return where a point is drawn: (right, up) in pixels from the picture's lower left corner."""
        xy_to_ras = slicer.util.arrayFromVTKMatrix(self.node.GetXYToRAS())
        return (np.linalg.inv(xy_to_ras) @ [*point_ras_mm, 1.0])[:2]

    def _show_image(self) -> None:
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._mapper.SetInputConnection(self._logic.GetImageDataConnection())
        actor = vtk.vtkActor2D()
        actor.SetMapper(self._mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        self.renderer.AddViewProp(actor)


class OffscreenThreeD(OffscreenView):
    """A 3D view of a scene."""

    def __init__(self, stage: Stage, scene: slicer.vtkMRMLScene) -> None:
        super().__init__(stage, scene)
        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetMRMLApplicationLogic(stage.application_logic)
        self._logic.SetMRMLScene(scene)
        self.node = self._logic.AddViewNode(_CAPTURE_VIEW_NAME)
        self.node.SetMappedInLayout(True)
        self.node.SetBoxVisible(False)
        self.node.SetAxisLabelsVisible(False)
        self.node.SetBackgroundColor(0.0, 0.0, 0.0)
        self.node.SetBackgroundColor2(0.12, 0.12, 0.16)
        stage.application_logic.GetViewLogics().AddItem(self._logic)
        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        self._attach(stage.application_logic, factory, _THREE_D_MANAGERS, self.node)
        self.renderer.SetUseDepthPeeling(True)

    def look_at(self, plane: ViewPlane, field_of_view_mm: float) -> None:
        """Look along the plane's normal, in parallel projection so that one scale holds for the picture."""
        manager = self.managers.GetDisplayableManagerByClassName("vtkMRMLCameraDisplayableManager")
        camera = manager.GetCameraNode()
        camera.SetParallelProjection(True)
        camera.SetParallelScale(field_of_view_mm / 2)
        camera.SetFocalPoint(*plane.center_ras_mm)
        camera.SetPosition(*(plane.center_ras_mm + 4 * field_of_view_mm * plane.toward_viewer))
        camera.SetViewUp(*plane.up)
        self.renderer.ResetCameraClippingRange()

    def to_picture_px(self, point_ras_mm: npt.ArrayLike) -> FloatArray:
        """Return where a point is drawn: (right, up) in pixels from the picture's lower left corner."""
        self.renderer.SetWorldPoint(*np.asarray(point_ras_mm, float), 1.0)
        self.renderer.WorldToDisplay()
        return np.array(self.renderer.GetDisplayPoint()[:2])


def _node_ids(scene: slicer.vtkMRMLScene) -> set[str]:
    return {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}
