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
    image = volume.GetImageData() if storage.ReadData(volume) else None
    if image is None or min(image.GetDimensions()) < 2 or image.GetNumberOfScalarComponents() != 1:
        raise FedkdError(
            ExitCode.SCENE_FAILED,
            "Slicer's core cannot read the CT as one 3D volume.",
            where=ct_file,
            what_to_do="Give a CT as one NRRD, NIfTI or MHA file.",
        )
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(CT_WINDOW_HU, CT_LEVEL_HU)
    display.SetInterpolate(True)
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


def add_cropped_copy(
    scene: slicer.vtkMRMLScene, volume: slicer.vtkMRMLScalarVolumeNode, center_ras_mm: FloatArray, radius_mm: float
) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a copy of the voxels within a box around a point, at their place in space.

    A volume from neck to groin is too much to render in 3D without a GPU.
    The box is cut along the voxel axes and holds the ball of ``radius_mm`` as far as the volume does.
    """
    index_to_ras = ijk_to_ras(volume)
    center_ijk = (np.linalg.inv(index_to_ras) @ [*center_ras_mm, 1.0])[:3]
    # Reciprocal lengths of the inverse's rows: how many voxels along each index axis the ball reaches.
    reach = np.linalg.norm(np.linalg.inv(index_to_ras[:3, :3]), axis=1) * radius_mm
    size = np.array(volume.GetImageData().GetDimensions())
    low = np.clip(np.floor(center_ijk - reach).astype(int), 0, size - 2)
    high = np.clip(np.ceil(center_ijk + reach).astype(int) + 1, low + 2, size)
    voxels_kji = voxels(volume)[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
    copy = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", f"{volume.GetName()} (root)")
    slicer.util.updateVolumeFromArray(copy, np.ascontiguousarray(voxels_kji))
    cropped_to_ras = index_to_ras.copy()
    cropped_to_ras[:3, 3] = (index_to_ras @ [*low, 1.0])[:3]
    copy.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(cropped_to_ras))
    return copy


def voxels(volume: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """Return the voxels as an array ordered k, j, i that shares memory with the node."""
    image = volume.GetImageData()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
