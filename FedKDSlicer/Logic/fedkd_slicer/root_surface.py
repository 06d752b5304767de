"""A surface of the contrast-filled aortic root, so that points in 3D lie in something a reader recognizes.

It is a picture aid found by a threshold, not a result: nothing is measured on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import slicer
import vtk
from scipy import ndimage
from vtk.util.numpy_support import numpy_to_vtk

from fedkd.volumes import AIR_HU
from fedkd_slicer.ct_nodes import ijk_to_ras, voxels
from fedkd_slicer.view_planes import FloatArray, RootFrame, annulus_view

SURFACE_NODE_NAME = "Aortic root (picture aid)"
_COLOR_RGB = (0.80, 0.36, 0.32)
_STEP_MM = 0.8
_RADIUS_MM = 27.0
_BELOW_MM = 14.0
_ABOVE_MM = 42.0
# Where the root surely holds nothing but blood: around its axis, above the cusps.
_BLOOD_RADIUS_MM = 6.0
_BLOOD_HEIGHTS_MM = (8.0, 25.0)
_OUTFLOW_OVER_HINGE_RADIUS = 1.3
_EROSIONS = 2
_SOFT_TISSUE_HU = 80.0
_LEAST_CONTRAST_HU = 80.0


@dataclass(frozen=True)
class _RootGrid:
    """A grid along the root's axis. ``to_ras`` maps (right, up, along the axis) mm to RAS mm, 4x4."""

    to_ras: FloatArray
    right_mm: FloatArray
    up_mm: FloatArray
    along_mm: FloatArray

    def distance_from_axis_mm(self) -> FloatArray:
        """Return distances, ordered (along, up, right); the first axis has length 1."""
        return np.hypot(self.right_mm[None, None, :], self.up_mm[None, :, None])


def add_root_surface(
    scene: slicer.vtkMRMLScene, ct: slicer.vtkMRMLScalarVolumeNode, frame: RootFrame
) -> slicer.vtkMRMLModelNode | None:
    """Add a translucent surface of the blood in the root; None where there is too little contrast to find it."""
    surface = blood_surface_ras_mm(voxels(ct), ijk_to_ras(ct), frame)
    if surface is None:
        return None
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", SURFACE_NODE_NAME)
    node.SetAndObservePolyData(surface)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(_COLOR_RGB)
    display.SetOpacity(0.4)
    display.SetBackfaceCulling(False)
    display.SetVisibility2D(False)
    return node


def blood_surface_ras_mm(
    voxels_kji: npt.NDArray[np.generic], index_to_ras: FloatArray, frame: RootFrame
) -> vtk.vtkPolyData | None:
    """Return the surface halfway between blood and soft tissue within a cylinder around the root's axis.

    Args:
        voxels_kji: CT in HU, ordered k, j, i.
        index_to_ras: 4x4, from (i, j, k) to RAS mm.
        frame: the root.
    """
    grid = _grid_around(frame)
    values = _resample(voxels_kji, index_to_ras, grid)
    blood_hu = float(np.median(values[_core(grid, grid.distance_from_axis_mm())]))
    if blood_hu - _SOFT_TISSUE_HU < _LEAST_CONTRAST_HU:
        return None
    threshold_hu = (blood_hu + _SOFT_TISSUE_HU) / 2
    inside = _connected_blood(values > threshold_hu, grid, frame.radius_mm)
    if inside is None:
        return None
    # Other vessels and chambers in the cylinder are emptied; around the root's own blood the true edge is kept.
    values = np.where(inside, values, np.minimum(values, _SOFT_TISSUE_HU))
    return _contour(values, threshold_hu, grid)


def _grid_around(frame: RootFrame) -> _RootGrid:
    plane = annulus_view(frame)
    to_ras = np.eye(4)
    to_ras[:3, 0], to_ras[:3, 1], to_ras[:3, 2], to_ras[:3, 3] = plane.right, plane.up, frame.axis, frame.center_ras_mm
    across = np.arange(-_RADIUS_MM, _RADIUS_MM + _STEP_MM, _STEP_MM)
    return _RootGrid(to_ras, across, across, np.arange(-_BELOW_MM, _ABOVE_MM + _STEP_MM, _STEP_MM))


def _resample(voxels_kji: npt.NDArray[np.generic], index_to_ras: FloatArray, grid: _RootGrid) -> FloatArray:
    along, up, right = np.meshgrid(grid.along_mm, grid.up_mm, grid.right_mm, indexing="ij")
    to_index = np.linalg.inv(index_to_ras) @ grid.to_ras
    ijk = np.tensordot(to_index[:3, :3], np.stack([right, up, along]), axes=1) + to_index[:3, 3, None, None, None]
    # Only the part around the root is converted to float: a whole-body CT would not fit beside itself.
    low = np.clip(np.floor(ijk.min(axis=(1, 2, 3))).astype(int), 0, None)
    high = np.ceil(ijk.max(axis=(1, 2, 3))).astype(int) + 2
    part = voxels_kji[low[2] : high[2], low[1] : high[1], low[0] : high[0]].astype(np.float32)
    if part.size == 0:
        return np.full(along.shape, AIR_HU)
    kji = (ijk - low[:, None, None, None])[::-1]
    return ndimage.map_coordinates(part, kji, order=1, cval=AIR_HU)


def _connected_blood(
    blood: npt.NDArray[np.bool_], grid: _RootGrid, hinge_radius_mm: float
) -> npt.NDArray[np.bool_] | None:
    distance_mm = grid.distance_from_axis_mm()
    # Below the annulus only the outflow tract: through the ventricle the left atrium is connected too.
    is_below = grid.along_mm[:, None, None] < 0
    reach_mm = np.where(is_below, _OUTFLOW_OVER_HINGE_RADIUS * hinge_radius_mm, _RADIUS_MM)
    # Eroded before connecting: neighbors touch the root through walls thinner than a voxel.
    labels, count = ndimage.label(ndimage.binary_erosion(blood & (distance_mm < reach_mm), iterations=_EROSIONS))
    core = _core(grid, distance_mm)
    hits = np.bincount(labels[core], minlength=count + 1)
    hits[0] = 0
    if hits.max() == 0:
        return None
    own_blood = blood & ndimage.binary_dilation(labels == int(np.argmax(hits)), iterations=_EROSIONS + 1)
    # The wall around it, but no neighbor's blood behind a thin one: slivers of it would cover the root.
    return own_blood | (ndimage.binary_dilation(own_blood, iterations=2) & ~blood)


def _core(grid: _RootGrid, distance_mm: FloatArray) -> npt.NDArray[np.bool_]:
    low, high = _BLOOD_HEIGHTS_MM
    along = (grid.along_mm >= low) & (grid.along_mm <= high)
    return along[:, None, None] & (distance_mm < _BLOOD_RADIUS_MM)


def _contour(values: FloatArray, threshold_hu: float, grid: _RootGrid) -> vtk.vtkPolyData:
    image = vtk.vtkImageData()
    image.SetDimensions(values.shape[::-1])
    image.SetSpacing(_STEP_MM, _STEP_MM, _STEP_MM)
    image.SetOrigin(grid.right_mm[0], grid.up_mm[0], grid.along_mm[0])
    image.GetPointData().SetScalars(numpy_to_vtk(values.astype(np.float32).ravel(), deep=True))
    contour = vtk.vtkFlyingEdges3D()
    contour.SetInputData(image)
    contour.SetValue(0, threshold_hu)
    contour.ComputeNormalsOff()
    contour.ComputeScalarsOff()
    smoothed = _smoothed(_with_open_ends(contour))
    to_ras = vtk.vtkTransform()
    to_ras.SetMatrix(grid.to_ras.ravel())
    transform = vtk.vtkTransformPolyDataFilter()
    transform.SetInputConnection(smoothed.GetOutputPort())
    transform.SetTransform(to_ras)
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(transform.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput()


def _with_open_ends(surface: vtk.vtkPolyDataAlgorithm) -> vtk.vtkPolyDataAlgorithm:
    # Cut after contouring, so that one can look into the root.
    cylinder = vtk.vtkCylinder()
    cylinder.SetAxis(0.0, 0.0, 1.0)
    cylinder.SetRadius(_RADIUS_MM - 2 * _STEP_MM)
    clip = vtk.vtkClipPolyData()
    clip.SetInputConnection(surface.GetOutputPort())
    clip.SetClipFunction(cylinder)
    clip.InsideOutOn()
    return clip


def _smoothed(surface: vtk.vtkPolyDataAlgorithm) -> vtk.vtkPolyDataAlgorithm:
    smooth = vtk.vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(surface.GetOutputPort())
    smooth.SetNumberOfIterations(15)
    smooth.SetPassBand(0.05)
    smooth.NormalizeCoordinatesOn()
    reduce = vtk.vtkQuadricDecimation()
    reduce.SetInputConnection(smooth.GetOutputPort())
    reduce.SetTargetReduction(0.6)
    return reduce
