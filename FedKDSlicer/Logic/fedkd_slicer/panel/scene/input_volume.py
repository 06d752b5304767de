"""The CT of the open case in the scene: the reader's own volume where it is the one that was measured, else a copy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
import slicer

from fedkd.geometry import LPS_TO_RAS, Grid
from fedkd_slicer.ct_nodes import add_ct, ijk_to_ras

_SAME_PLACE_MM = 0.01


def lies_like(volume: slicer.vtkMRMLScalarVolumeNode, ct_file: Path) -> bool:
    """True when the volume's voxels lie where those of the file lie: its corners, and how many there are.

    A volume under a transform lies elsewhere. One that cannot be compared is not the same.
    """
    image = volume.GetImageData()
    if image is None or volume.GetParentTransformNode() is not None:
        return False
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(ct_file))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return False
    grid = Grid(reader.GetSize(), reader.GetSpacing(), reader.GetOrigin(), reader.GetDirection())
    return _same_corners(_corners_of(volume), grid.index_to_lps(_corner_indices(grid.size_xyz)) * LPS_TO_RAS)


def load_copy(scene: slicer.vtkMRMLScene, ct_file: Path, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """Load the CT; where it came from is forgotten, because that file goes with the session.

    Raises:
        FedkdError: SCENE_FAILED when Slicer cannot read it as one 3D volume.
    """
    volume = add_ct(scene, ct_file, name)
    storage = volume.GetStorageNode()
    volume.SetAndObserveStorageNodeID(None)
    scene.RemoveNode(storage)
    return volume


def _corners_of(volume: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    indices = _corner_indices(volume.GetImageData().GetDimensions())
    return np.column_stack([indices, np.ones(8)]) @ ijk_to_ras(volume)[:3].T


def _corner_indices(size_xyz: tuple[int, ...]) -> np.ndarray:
    ends = np.array(np.meshgrid(*([0, size - 1] for size in size_xyz), indexing="ij"))
    return ends.reshape(3, -1).T.astype(float)


def _same_corners(some: np.ndarray, others: np.ndarray) -> bool:
    # In any order: Slicer may hold the axes in another one than the file.
    distances = np.linalg.norm(some[:, None] - others[None], axis=2)
    return bool((distances.min(axis=0) < _SAME_PLACE_MM).all() and (distances.min(axis=1) < _SAME_PLACE_MM).all())
