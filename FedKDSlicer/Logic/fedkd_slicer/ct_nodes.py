"""The CT as a volume node: read, named, shown with a window for contrast-enhanced blood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer.view_planes import FloatArray

# Contrast-enhanced blood (250 to 600 HU) bright but not white, calcium (above 600 HU) white, fat dark gray.
CT_WINDOW_HU = 900.0
CT_LEVEL_HU = 250.0


def add_ct(scene: slicer.vtkMRMLScene, ct_file: Path, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """Load a CT from one file, of any orientation, as a volume node called ``name``.

    Raises:
        FedkdError: SCENE_FAILED when Slicer cannot read it as one 3D volume.
    """
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    storage = scene.AddNode(slicer.vtkMRMLVolumeArchetypeStorageNode())
    storage.SetFileName(str(ct_file))
    storage.SetSingleFile(True)  # or every volume in the same folder would be stacked onto this one
    volume.SetAndObserveStorageNodeID(storage.GetID())
    # Before the voxels are there: Slicer would look through them for a window of its own.
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(CT_WINDOW_HU, CT_LEVEL_HU)
    display.SetInterpolate(True)
    image = volume.GetImageData() if storage.ReadData(volume) else None
    if image is None or min(image.GetDimensions()) < 2 or image.GetNumberOfScalarComponents() != 1:
        raise FedkdError(
            ExitCode.SCENE_FAILED,
            "Slicer's core cannot read the CT as one 3D volume.",
            where=ct_file,
            what_to_do="Give a CT as one NRRD, NIfTI or MHA file.",
        )
    return volume


def ijk_to_ras(volume: slicer.vtkMRMLVolumeNode) -> FloatArray:
    """Return the 4x4 matrix from voxel index (i, j, k) to RAS mm."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def middle_ras_mm(volume: slicer.vtkMRMLVolumeNode) -> FloatArray:
    """Return the middle of the volume in RAS mm."""
    last_index = np.array(volume.GetImageData().GetDimensions()) - 1.0
    return (ijk_to_ras(volume) @ [*(last_index / 2), 1.0])[:3]


def voxels(volume: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """Return the voxels as an array ordered k, j, i that shares memory with the node."""
    image = volume.GetImageData()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
