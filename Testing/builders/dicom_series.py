"""Write CT series as DICOM files, as scanners do, to be damaged by tests afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ExplicitVRLittleEndian, generate_uid

from fedkd.geometry import Grid

PATIENT_NAME = "Secret^Patient"
_STUDY = generate_uid(entropy_srcs=["study"])
_FRAME = generate_uid(entropy_srcs=["frame"])


@dataclass(frozen=True)
class SeriesSpec:
    """What the headers say. ``order`` gives the file number of each slice, so that names and places disagree."""

    uid: str = field(default_factory=generate_uid)
    study_uid: str = _STUDY
    frame_uid: str = _FRAME
    modality: str = "CT"
    image_type: Sequence[str] = ("ORIGINAL", "PRIMARY", "AXIAL")
    description: str = "Cardiac CTA"
    contrast: str = "Iodine"
    phase_percent: float | None = None
    slope: float = 1.0
    intercept: float = -1024.0


def write_series(folder: Path, volume_hu: npt.NDArray[np.generic], grid: Grid, spec: SeriesSpec) -> list[Path]:
    """Write a CT (axes zyx) as one file per slice; returned in the order of positions, named in another."""
    folder.mkdir(parents=True, exist_ok=True)
    names = np.random.default_rng(5).permutation(len(volume_hu))
    files = []
    for index, plane in enumerate(volume_hu):
        data = _common(spec, grid, CTImageStorage)
        position = grid.index_to_lps((0, 0, index))
        data.ImagePositionPatient = [f"{value:.6f}" for value in position]
        data.ImageOrientationPatient = _orientation(grid)
        data.PixelSpacing = [grid.spacing_mm[1], grid.spacing_mm[0]]
        data.RescaleSlope, data.RescaleIntercept, data.RescaleType = spec.slope, spec.intercept, "HU"
        data.InstanceNumber = int(names[index]) + 1
        if spec.phase_percent is not None:
            data.NominalPercentageOfCardiacPhase = spec.phase_percent
        data.PixelData = _stored(plane, spec).tobytes()
        file = folder / f"IM{names[index]:05d}.dcm"
        data.save_as(file, enforce_file_format=True)
        files.append(file)
    return files


def write_enhanced(file: Path, volume_hu: npt.NDArray[np.generic], grid: Grid, spec: SeriesSpec) -> Path:
    """Write a CT (axes zyx) as one multi-frame file whose frames are in a shuffled order."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = _common(spec, grid, EnhancedCTImageStorage)
    order = np.random.default_rng(6).permutation(len(volume_hu))
    shared = Dataset()
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=_orientation(grid))]
    shared.PixelMeasuresSequence = [
        _item(PixelSpacing=[grid.spacing_mm[1], grid.spacing_mm[0]], SliceThickness=grid.spacing_mm[2])
    ]
    shared.PixelValueTransformationSequence = [
        _item(RescaleSlope=spec.slope, RescaleIntercept=spec.intercept, RescaleType="HU")
    ]
    data.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for index in order:
        frame = Dataset()
        position = [f"{value:.6f}" for value in grid.index_to_lps((0, 0, index))]
        frame.PlanePositionSequence = [_item(ImagePositionPatient=position)]
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = frames
    data.NumberOfFrames = len(volume_hu)
    data.PixelData = _stored(volume_hu[order], spec).tobytes()
    data.save_as(file, enforce_file_format=True)
    return file


def edit(file: Path, **values: object) -> None:
    """Change header values of a file; None deletes one."""
    data = pydicom.dcmread(file)
    for keyword, value in values.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    data.save_as(file, enforce_file_format=True)


def _common(spec: SeriesSpec, grid: Grid, sop_class: str) -> Dataset:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = sop_class
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.SeriesInstanceUID, data.StudyInstanceUID, data.FrameOfReferenceUID = spec.uid, spec.study_uid, spec.frame_uid
    data.PatientName, data.PatientID = PATIENT_NAME, "4711"
    data.Modality, data.ImageType, data.SeriesDescription = spec.modality, list(spec.image_type), spec.description
    if spec.contrast:
        data.ContrastBolusAgent = spec.contrast
    data.Columns, data.Rows = grid.size_xyz[0], grid.size_xyz[1]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    return data


def _orientation(grid: Grid) -> list[str]:
    direction = np.array(grid.direction).reshape(3, 3)
    return [f"{value:.8f}" for value in (*direction[:, 0], *direction[:, 1])]


def _stored(values_hu: npt.NDArray[np.generic], spec: SeriesSpec) -> npt.NDArray[np.int16]:
    return np.rint((np.asarray(values_hu, float) - spec.intercept) / spec.slope).astype("<i2")


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
