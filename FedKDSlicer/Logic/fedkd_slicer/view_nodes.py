"""Slice views and 3D cameras in the scene: aimed at a plane, and put back."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from fedkd_slicer.view_planes import FloatArray, ViewPlane

SLICE_FIELD_OF_VIEW_MM = 120.0
CAMERA_DISTANCE_MM = 250.0


def show_slice(slice_node: slicer.vtkMRMLSliceNode, plane: ViewPlane, width_mm: float = SLICE_FIELD_OF_VIEW_MM) -> None:
    """Put a slice view on a plane, its center in the middle, at least ``width_mm`` to be seen in either direction."""
    columns, rows, _ = slice_node.GetDimensions()
    mm_per_pixel = width_mm / max(min(columns, rows), 1)
    slice_node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(plane.plane_to_ras))
    slice_node.SetFieldOfView(columns * mm_per_pixel, rows * mm_per_pixel, slice_node.GetFieldOfView()[2])
    slice_node.SetXYZOrigin(0.0, 0.0, 0.0)
    slice_node.UpdateMatrices()


def aim_camera(camera: slicer.vtkMRMLCameraNode, plane: ViewPlane) -> None:
    """Look at the plane from its front."""
    camera.SetFocalPoint(*plane.center_ras_mm)
    camera.SetPosition(*(plane.center_ras_mm + CAMERA_DISTANCE_MM * plane.toward_viewer))
    camera.SetViewUp(*plane.up)


@dataclass(frozen=True)
class SlicePlace:
    """Where a slice view was: what `restore` needs."""

    slice_to_ras: FloatArray
    field_of_view_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]

    @classmethod
    def of(cls, slice_node: slicer.vtkMRMLSliceNode) -> SlicePlace:
        """Return where it is now."""
        return cls(
            slicer.util.arrayFromVTKMatrix(slice_node.GetSliceToRAS()),
            tuple(slice_node.GetFieldOfView()),
            tuple(slice_node.GetXYZOrigin()),
        )

    def restore(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Put the view back; one that was resized meanwhile keeps its millimeters per pixel across."""
        columns, rows, _ = slice_node.GetDimensions()
        width_mm, _, depth_mm = self.field_of_view_mm
        slice_node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(self.slice_to_ras))
        slice_node.SetFieldOfView(width_mm, width_mm * rows / max(columns, 1), depth_mm)
        slice_node.SetXYZOrigin(*self.origin_mm)
        slice_node.UpdateMatrices()


@dataclass(frozen=True)
class CameraPlace:
    """Where a 3D view's camera was, and what the view showed around the scene."""

    position_ras_mm: tuple[float, float, float]
    focal_point_ras_mm: tuple[float, float, float]
    view_up: tuple[float, float, float]
    parallel_scale_mm: float
    render_mode: int
    has_box: bool
    has_axis_labels: bool
    orientation_marker: int

    @classmethod
    def of(cls, camera: slicer.vtkMRMLCameraNode, view: slicer.vtkMRMLViewNode) -> CameraPlace:
        """Return where it is now."""
        return cls(
            tuple(camera.GetPosition()),
            tuple(camera.GetFocalPoint()),
            tuple(camera.GetViewUp()),
            camera.GetParallelScale(),
            view.GetRenderMode(),
            bool(view.GetBoxVisible()),
            bool(view.GetAxisLabelsVisible()),
            view.GetOrientationMarkerType(),
        )

    def restore(self, camera: slicer.vtkMRMLCameraNode, view: slicer.vtkMRMLViewNode) -> None:
        """Put camera and view back."""
        camera.SetPosition(*self.position_ras_mm)
        camera.SetFocalPoint(*self.focal_point_ras_mm)
        camera.SetViewUp(*self.view_up)
        camera.SetParallelScale(self.parallel_scale_mm)
        view.SetRenderMode(self.render_mode)
        view.SetBoxVisible(self.has_box)
        view.SetAxisLabelsVisible(self.has_axis_labels)
        view.SetOrientationMarkerType(self.orientation_marker)
        camera.ResetClippingRange()
