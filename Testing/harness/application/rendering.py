"""Views drawn and interacted with by Slicer's own displayable managers, without a screen."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from fedkd_slicer.opengl_probe import drawing_window_class

_SLICE_MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
)
_THREE_D_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLVolumeRenderingDisplayableManager",
)


@cache
def window_class() -> str:
    """Return the kind of render window that draws here; looked for once a process."""
    return drawing_window_class()


class LiveView:
    """A render window whose displayable managers show ``node`` and take the mouse."""

    def __init__(self, node: Any, application_logic: Any, size_px: tuple[int, int]) -> None:
        self.renderer = vtk.vtkRenderer()
        self.window = getattr(vtk, window_class())()
        self.window.SetOffScreenRendering(True)
        self.window.SetMultiSamples(0)  # with it translucent segments vanish
        self.window.SetSize(*size_px)
        self.window.SetNumberOfLayers(2)
        self.window.AddRenderer(self.renderer)
        self.interactor = vtk.vtkRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        # The views' own style asks it for its state; it does nothing by itself.
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyleUser())
        self._application_logic = application_logic
        self.node = node

    def _attach(self, factory: Any, managers: tuple[str, ...], style: Any) -> None:
        factory.SetMRMLApplicationLogic(self._application_logic)
        for manager in managers:
            if not factory.IsDisplayableManagerRegistered(manager):
                factory.RegisterDisplayableManager(manager)
        self.managers = slicer.vtkMRMLDisplayableManagerGroup()
        self.managers.SetRenderer(self.renderer)
        self.managers.Initialize(factory, self.renderer)
        self.managers.SetMRMLDisplayableNode(self.node)
        self.style = style
        style.SetDisplayableManagers(self.managers)
        style.SetInteractor(self.interactor)

    def pixels(self) -> np.ndarray:
        """Draw; returns rows from top to bottom, columns, RGB, as uint8."""
        self.window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(self.window)
        grabber.ReadFrontBufferOff()
        grabber.SetInputBufferTypeToRGB()
        grabber.Update()
        image = grabber.GetOutput()
        columns, rows, _ = image.GetDimensions()
        return np.ascontiguousarray(vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, 3)[::-1])

    def close(self) -> None:
        """Let go of the scene; the node stays in it."""
        self.style.SetInteractor(None)
        self.managers.SetMRMLDisplayableNode(None)
        self.window.Finalize()


class LiveSlice(LiveView):
    """A slice view: the volumes that its logic reslices, below what the displayable managers draw."""

    def __init__(self, logic: Any, application_logic: Any, size_px: tuple[int, int]) -> None:
        super().__init__(logic.GetSliceNode(), application_logic, size_px)
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        # Before everything else, or translucent drawings are blended with black instead of with the image.
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._actor = vtk.vtkActor2D()
        self._actor.SetMapper(self._mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self._actor.VisibilityOff()
        self.renderer.AddViewProp(self._actor)
        self._logic = logic
        style = slicer.vtkMRMLSliceViewInteractorStyle()
        style.SetSliceLogic(logic)
        self._attach(slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance(), _SLICE_MANAGERS, style)

    def pixels(self) -> np.ndarray:
        self._show_image()
        return super().pixels()

    def _show_image(self) -> None:
        connection = self._logic.GetImageDataConnection()
        if connection is not None:
            self._mapper.SetInputConnection(connection)
        self._actor.SetVisibility(connection is not None)


class LiveThreeD(LiveView):
    """A 3D view."""

    def __init__(self, node: Any, application_logic: Any, size_px: tuple[int, int]) -> None:
        super().__init__(node, application_logic, size_px)
        self.renderer.SetUseDepthPeeling(True)
        style = slicer.vtkMRMLThreeDViewInteractorStyle()
        self._attach(slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance(), _THREE_D_MANAGERS, style)
