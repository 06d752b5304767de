"""Start Slicer's core (MRML, its logics and displayable managers) where there is no Slicer application.

Inside the application none of this is needed: there, ``slicer.mrmlScene`` and
``slicer.app.applicationLogic()`` are the same two objects that a :class:`SlicerCore` holds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

try:
    import slicer
    import vtk
except ImportError as error:  # the wheel is optional for the engine, so say how to get it
    from fedkd.errors import ExitCode, FedkdError

    raise FedkdError(
        ExitCode.DEPENDENCY_MISSING,
        f"3D Slicer's core cannot be loaded: {error}.",
        where=sys.executable,
        what_to_do="Run 'pip install slicer-core==5.12.4.0 vtk==9.6.0', or work inside 3D Slicer.",
    ) from error

# Storage classes and the subject hierarchy exist only once these logics know the scene.
_MODULE_LOGICS = {
    "Volumes": "vtkSlicerVolumesLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Models": "vtkSlicerModelsLogic",
    "Texts": "vtkSlicerTextsLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
}


@dataclass(frozen=True)
class SlicerCore:
    """A scene and the application logic that serves it. ``keep_alive`` holds what MRML does not own itself."""

    scene: slicer.vtkMRMLScene
    application_logic: slicer.vtkSlicerApplicationLogic
    keep_alive: tuple[object, ...]


def start_core(scratch: Path) -> SlicerCore:
    """Return a new empty scene with Slicer's logics attached, as the application would have it after start.

    Args:
        scratch: an existing folder for temporary files; a scene file is put together there.
    """
    _send_vtk_messages_to_stderr()
    scene = slicer.vtkMRMLScene()
    scene.SetRootDirectory(str(scratch))
    application_logic = slicer.vtkSlicerApplicationLogic()
    # The application logic gets the scene first: it adds the singletons that the module logics look for.
    application_logic.SetMRMLScene(scene)
    application_logic.GetColorLogic().SetMRMLScene(scene)
    application_logic.GetColorLogic().AddDefaultColorNodes()
    application_logic.SetSliceLogics(vtk.vtkCollection())
    application_logic.SetViewLogics(vtk.vtkCollection())
    data_io = _attach_data_io(scene, application_logic, scratch)
    logics = tuple(_attach_logic(name, scene, application_logic) for name in _MODULE_LOGICS)
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    return SlicerCore(scene, application_logic, (*data_io, *logics))


def _send_vtk_messages_to_stderr() -> None:
    # Standard output belongs to the progress lines.
    window = vtk.vtkOutputWindow()
    window.SetDisplayModeToAlwaysStdErr()
    vtk.vtkOutputWindow.SetInstance(window)


def _attach_data_io(
    scene: slicer.vtkMRMLScene, application_logic: slicer.vtkSlicerApplicationLogic, scratch: Path
) -> tuple[object, ...]:
    remote_io, data_io = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
    # Without this the bundle would be put together in the root of the file system.
    remote_io.GetCacheManager().SetRemoteCacheDirectory(str(scratch))
    remote_io.SetMRMLScene(scene)
    remote_io.SetMRMLApplicationLogic(application_logic)
    data_io.SetMRMLApplicationLogic(application_logic)
    data_io.SetMRMLScene(scene)
    application_logic.SetMRMLSceneDataIO(scene, remote_io, data_io)
    return remote_io, data_io


def _attach_logic(name: str, scene: slicer.vtkMRMLScene, application_logic: slicer.vtkSlicerApplicationLogic) -> object:
    logic = getattr(slicer, _MODULE_LOGICS[name])()
    logic.SetMRMLApplicationLogic(application_logic)
    logic.SetMRMLScene(scene)
    application_logic.SetModuleLogic(name, logic)
    return logic
