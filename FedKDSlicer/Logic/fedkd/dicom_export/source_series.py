"""The CT series that our DICOM files belong to: its images, its slices in order, and the values taken over."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pydicom.config
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage
from pydicom.valuerep import format_number_as_ds

from fedkd.dicom_export.carried_over import CARRIED_OVER, carried_over, text_value, valid_uid
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.volumes import Stack, order_dicom_slices

_SAME_PLACE_MM = 1e-2
_IDENTITY = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")
_MULTI_FRAME_CLASSES = (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)


@dataclass(frozen=True)
class SourceSeries:
    """What is needed of the CT.

    Args:
        images: a header for each file, made anew from what was checked: patient, study, identity and place.
        slice_of_frame: for each frame of all ``images``, one after the other, its slice: index k of ``grid``.
        grid: the CT's voxels.
    """

    images: tuple[Dataset, ...]
    slice_of_frame: tuple[int, ...]
    grid: Grid

    @property
    def frame_of_reference_uid(self) -> str:
        """The patient coordinate system of the series."""
        return str(self.images[0].FrameOfReferenceUID)

    def check_grid(self, grid: Grid, where: object) -> None:
        """Check that ``grid`` has this series' voxels.

        Raises:
            FedkdError: GEOMETRY_INVALID when it has not.
        """
        ends = np.array([[0, 0, 0], np.array(self.grid.size_xyz) - 1])
        away_mm = np.abs(grid.index_to_lps(ends) - self.grid.index_to_lps(ends)).max()
        if grid.size_xyz != self.grid.size_xyz or away_mm > _SAME_PLACE_MM:
            raise FedkdError(
                ExitCode.GEOMETRY_INVALID,
                "The case's segmentation does not have the voxels of the DICOM series.",
                where=where,
                what_to_do="Give the series that the case was made from.",
            )


def read_source_series(files: Sequence[Path]) -> SourceSeries:
    """Read the headers of the files of one series, given in any order.

    Raises:
        FedkdError: what `fedkd.volumes.order_dicom_slices` raises; GEOMETRY_INVALID when the series does not identify
            its images or its frame of reference, mixes patients or studies, or has several multi-frame files.
    """
    stack = order_dicom_slices(files)
    with pydicom.config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote values
        headers = [_header(file) for file in stack.files]
        why = _why_not(headers, len(stack.slices))
        if why:
            raise FedkdError(
                ExitCode.GEOMETRY_INVALID,
                why,
                where=f"DICOM series with {len(stack.slices)} slices",
                what_to_do="Results as DICOM cannot be made for it; all other results can.",
            )
        shared = carried_over(headers[0])
        slices_of = stack.slices_of_files.values()
        images = tuple(
            _image(header, shared, indices, stack) for header, indices in zip(headers, slices_of, strict=True)
        )
    return SourceSeries(images, tuple(index for indices in slices_of for index in indices), stack.grid)


def _header(file: Path) -> Dataset:
    return pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=[*_IDENTITY, *CARRIED_OVER])


def _why_not(headers: Sequence[Dataset], slices: int) -> str:
    """Return why nothing can refer to these images, empty when it can."""
    for keyword in _IDENTITY:
        if not all(valid_uid(header.get(keyword)) for header in headers):
            return f"The images of the series have no valid {keyword}."
    if len({valid_uid(header.SOPInstanceUID) for header in headers}) < len(headers):
        return "Images of the series share a SOPInstanceUID."
    for keyword in ("StudyInstanceUID", "SOPClassUID", "PatientID", "PatientName"):
        if len({text_value(header, keyword) for header in headers}) > 1:
            return f"The images of the series differ in {keyword}."
    kind = valid_uid(headers[0].SOPClassUID)
    if kind in _MULTI_FRAME_CLASSES:
        return "The series consists of several multi-frame files." if len(headers) > 1 else ""
    if kind != CTImageStorage:
        return "The images of the series are no CT images."
    return "" if slices == len(headers) else "Single-frame images of the series have several frames."


def _image(header: Dataset, shared: Dataset, indices: tuple[int, ...], stack: Stack) -> Dataset:
    """Return the header of one file whose frames are the slices ``indices``."""
    columns, rows, _ = stack.grid.size_xyz
    image = Dataset()
    image.update(shared)
    for keyword in _IDENTITY:
        setattr(image, keyword, valid_uid(header.get(keyword)))
    image.Modality = "CT"
    image.Rows, image.Columns = rows, columns
    if image.SOPClassUID in _MULTI_FRAME_CLASSES:
        _place_frames(image, indices, stack)
    else:
        image.ImagePositionPatient = _position(stack, indices[0])
        image.ImageOrientationPatient = _orientation(stack.grid)
        image.update(_pixel_measures(stack.grid))
    return image


def _place_frames(image: Dataset, indices: tuple[int, ...], stack: Stack) -> None:
    shared, orientation = Dataset(), Dataset()
    orientation.ImageOrientationPatient = _orientation(stack.grid)
    shared.PlaneOrientationSequence = [orientation]
    shared.PixelMeasuresSequence = [_pixel_measures(stack.grid)]
    frames = []
    for index in indices:
        frame, position = Dataset(), Dataset()
        position.ImagePositionPatient = _position(stack, index)
        frame.PlanePositionSequence = [position]
        frames.append(frame)
    image.NumberOfFrames = len(frames)
    image.SharedFunctionalGroupsSequence = [shared]
    image.PerFrameFunctionalGroupsSequence = frames


def _pixel_measures(grid: Grid) -> Dataset:
    spacing_i, spacing_j, distance = (format_number_as_ds(float(value)) for value in grid.spacing_mm)
    measures = Dataset()
    measures.PixelSpacing = [spacing_j, spacing_i]
    measures.SliceThickness = measures.SpacingBetweenSlices = distance
    return measures


def _position(stack: Stack, index: int) -> list[str]:
    position = stack.slices[index].position_lps_mm
    assert position is not None  # checked when they were ordered
    return [format_number_as_ds(float(value)) for value in position]


def _orientation(grid: Grid) -> list[str]:
    direction = np.array(grid.direction).reshape(3, 3)
    return [format_number_as_ds(float(value)) for value in (*direction[:, 0], *direction[:, 1])]
