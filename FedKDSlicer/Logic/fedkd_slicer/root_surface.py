"""A surface of the contrast-filled aortic root, so that points in 3D lie in something a reader recognizes.

It is a picture aid found by a threshold, not a result: nothing is measured on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

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
_OUTSIDE_HU = -1000.0  # beyond the CT there is no blood


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
    to_index = np.linalg.inv(index_to_ras) @ grid.to_ras
    ends = [places[[0, -1]] for places in (grid.right_mm, grid.up_mm, grid.along_mm)]
    corners = np.array(list(product(*ends, [1.0])))
    ijk = (corners @ to_index.T)[:, :3]
    # Only the part around the root is converted to float: a whole-body CT would not fit beside itself.
    low = np.clip(np.floor(ijk.min(axis=0)).astype(int), 0, None)
    high = np.clip(np.ceil(ijk.max(axis=0)).astype(int) + 2, 0, None)
    part = voxels_kji[low[2] : high[2], low[1] : high[1], low[0] : high[0]].astype(np.float32)
    if part.size == 0:
        return np.full([len(grid.along_mm), len(grid.up_mm), len(grid.right_mm)], _OUTSIDE_HU)
    # In the part's own indices, so that left-handed axes are no other to the resampler.
    to_part = sitk.AffineTransform(3)
    to_part.SetMatrix(to_index[:3, :3].ravel().tolist())
    to_part.SetTranslation((to_index[:3, 3] - low).tolist())
    return _resampled(sitk.GetImageFromArray(part), to_part, grid)


def _resampled(part: sitk.Image, to_part: sitk.AffineTransform, grid: _RootGrid) -> FloatArray:
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize((len(grid.right_mm), len(grid.up_mm), len(grid.along_mm)))
    resampler.SetOutputOrigin((float(grid.right_mm[0]), float(grid.up_mm[0]), float(grid.along_mm[0])))
    resampler.SetOutputSpacing((_STEP_MM,) * 3)
    resampler.SetTransform(to_part)
    resampler.SetInterpolator(sitk.sitkLinear)
    resampler.SetDefaultPixelValue(_OUTSIDE_HU)
    return sitk.GetArrayFromImage(resampler.Execute(part)).astype(float)


def _connected_blood(
    blood: npt.NDArray[np.bool_], grid: _RootGrid, hinge_radius_mm: float
) -> npt.NDArray[np.bool_] | None:
    distance_mm = grid.distance_from_axis_mm()
    # Below the annulus only the outflow tract: through the ventricle the left atrium is connected too.
    is_below = grid.along_mm[:, None, None] < 0
    reach_mm = np.where(is_below, _OUTFLOW_OVER_HINGE_RADIUS * hinge_radius_mm, _RADIUS_MM)
    # Eroded before connecting: neighbors touch the root through walls thinner than a voxel.
    labels = _components(_eroded(blood & (distance_mm < reach_mm), _EROSIONS))
    hits = np.bincount(labels[_core(grid, distance_mm)], minlength=2)
    hits[0] = 0
    if hits.max() == 0:
        return None
    own_blood = blood & _dilated(labels == int(np.argmax(hits)), _EROSIONS + 1)
    # The wall around it, but no neighbor's blood behind a thin one: slivers of it would cover the root.
    return own_blood | (_dilated(own_blood, 2) & ~blood)


def _components(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.integer]:
    return sitk.GetArrayFromImage(sitk.ConnectedComponent(_as_image(mask), False))


def _eroded(mask: npt.NDArray[np.bool_], times: int) -> npt.NDArray[np.bool_]:
    return ~_dilated(~mask, times, outside=True)


def _dilated(mask: npt.NDArray[np.bool_], times: int, outside: bool = False) -> npt.NDArray[np.bool_]:
    """Return the mask grown by neighbors that share a face; ``outside``: what lies beyond the array."""
    grown = np.pad(mask, times, constant_values=outside)
    image = _as_image(grown)
    for _ in range(times):
        image = sitk.BinaryDilate(image, (1, 1, 1), sitk.sitkCross)
    inside = (slice(times, -times),) * 3
    return sitk.GetArrayFromImage(image)[inside] > 0


def _as_image(mask: npt.NDArray[np.bool_]) -> sitk.Image:
    return sitk.GetImageFromArray(mask.astype(np.uint8))


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
