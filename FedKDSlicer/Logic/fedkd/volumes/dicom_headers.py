"""Read what is needed of a DICOM file's header, never the pixels.

Rules: DICOM PS3.3, C.8.2 (CT image), C.8.15 (enhanced CT) and C.7.6.16 (functional groups of multi-frame images).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_TAGS = [
    "Modality", "SOPClassUID", "ImageType", "SeriesDescription", "SeriesNumber", "Rows", "Columns",
    "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "ContrastBolusAgent",
    "NominalPercentageOfCardiacPhase", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
    "RescaleSlope", "RescaleIntercept", "RescaleType", "SamplesPerPixel", "BitsAllocated",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
]  # fmt: skip
# In multi-frame files these values lie in one of these sequences of a frame's functional groups.
_GROUP_OF = {
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "PixelSpacing": "PixelMeasuresSequence",
    "RescaleSlope": "PixelValueTransformationSequence",
    "RescaleIntercept": "PixelValueTransformationSequence",
    "RescaleType": "PixelValueTransformationSequence",
    "NominalPercentageOfCardiacPhase": "CardiacSynchronizationSequence",
}


@dataclass(frozen=True)
class SeriesFacts:
    """What a header says about its series; what it does not say is empty or None."""

    series_uid: str
    study_uid: str
    frame_of_reference_uid: str
    modality: str
    sop_class_uid: str
    image_type: tuple[str, ...]
    description: str
    number: str
    has_contrast: bool
    phase_percent: float | None


@dataclass(frozen=True)
class SliceHeader:
    """What a header says about one slice; what it does not say is None.

    Args:
        file: the file; ``frame`` is the index in it, 0 unless the file holds many.
        series: the series it belongs to.
        size_rows_columns: the slice's size.
        samples_per_pixel: 1 for gray values.
        position_lps_mm: center of the first pixel.
        orientation_lps: six numbers, the directions along a row and along a column.
        pixel_spacing_mm: between rows, between columns (DICOM's order).
        rescale: slope and intercept that turn stored values into ``rescale_type``.
        needed_bytes: size the file must have when its pixels are not compressed, else 0.
    """

    file: Path
    frame: int
    series: SeriesFacts
    size_rows_columns: tuple[int, int] | None
    samples_per_pixel: int
    position_lps_mm: tuple[float, ...] | None
    orientation_lps: tuple[float, ...] | None
    pixel_spacing_mm: tuple[float, ...] | None
    rescale: tuple[float, float] | None
    rescale_type: str
    needed_bytes: int


def read_slice_headers(file: Path) -> list[SliceHeader]:
    """Return the header of every slice in the file: one, or one for every frame.

    Raises:
        InvalidDicomError: the file names no series. Damaged files raise many kinds of errors, see `dicom_scan`.
    """
    import pydicom.config  # a process that reads no DICOM starts sooner without
    from pydicom.dataset import Dataset
    from pydicom.errors import InvalidDicomError

    with file.open("rb") as stream, pydicom.config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about small faults that do not matter here
        data = pydicom.dcmread(stream, stop_before_pixels=True, force=True, specific_tags=list(_TAGS))
        pixels_at = stream.tell()
        if not data.get("SeriesInstanceUID"):
            raise InvalidDicomError("the header names no series")
        shared = _first_item(data, "SharedFunctionalGroupsSequence")
        frames = data.get("PerFrameFunctionalGroupsSequence") or [Dataset()]
        needed_bytes = _needed_bytes(data, len(frames), pixels_at)
        series = _series(data, [frames[0], shared])
        return [
            _slice(_Levels(data, [frame, shared]), file, index, series, needed_bytes)
            for index, frame in enumerate(frames)
        ]


@dataclass(frozen=True)
class _Levels:
    """Where a value may stand: in the functional groups, the frame's own first, or directly in the file."""

    data: Dataset
    groups: list[Dataset]

    def value(self, keyword: str) -> Any:  # noqa: ANN401 - DICOM values have many types
        for level in self.groups:
            item = _first_item(level, _GROUP_OF[keyword])
            if keyword in item:
                return item.get(keyword)
        return self.data.get(keyword)

    def numbers(self, keyword: str, count: int) -> tuple[float, ...] | None:
        value = self.value(keyword)
        if value is None or value == "":
            return None
        numbers = tuple(float(number) for number in (value if count > 1 else [value]))
        if len(numbers) != count:
            raise ValueError(f"{keyword} does not have {count} values")
        return numbers


def _slice(levels: _Levels, file: Path, frame: int, series: SeriesFacts, needed_bytes: int) -> SliceHeader:
    rows, columns = levels.data.get("Rows"), levels.data.get("Columns")
    slope, intercept = levels.numbers("RescaleSlope", 1), levels.numbers("RescaleIntercept", 1)
    return SliceHeader(
        file=file,
        frame=frame,
        series=series,
        size_rows_columns=(int(rows), int(columns)) if rows and columns else None,
        samples_per_pixel=int(levels.data.get("SamplesPerPixel") or 1),
        position_lps_mm=levels.numbers("ImagePositionPatient", 3),
        orientation_lps=levels.numbers("ImageOrientationPatient", 6),
        pixel_spacing_mm=levels.numbers("PixelSpacing", 2),
        rescale=(slope[0], intercept[0]) if slope and intercept else None,
        rescale_type=str(levels.value("RescaleType") or "").strip().upper(),
        needed_bytes=needed_bytes,
    )


def _series(data: Dataset, groups: list[Dataset]) -> SeriesFacts:
    phase = _Levels(data, groups).numbers("NominalPercentageOfCardiacPhase", 1)
    image_type = data.get("ImageType") or []
    return SeriesFacts(
        series_uid=str(data.SeriesInstanceUID),
        study_uid=str(data.get("StudyInstanceUID") or ""),
        frame_of_reference_uid=str(data.get("FrameOfReferenceUID") or ""),
        modality=str(data.get("Modality") or ""),
        sop_class_uid=str(data.get("SOPClassUID") or ""),
        image_type=tuple(str(word).upper() for word in ([image_type] if isinstance(image_type, str) else image_type)),
        description=str(data.get("SeriesDescription") or ""),
        number=str(data.get("SeriesNumber") or ""),
        has_contrast=bool(data.get("ContrastBolusAgent")),
        phase_percent=phase[0] if phase else None,
    )


def _needed_bytes(data: Dataset, frames: int, pixels_at: int) -> int:
    syntax = data.file_meta.get("TransferSyntaxUID") if hasattr(data, "file_meta") else None
    if syntax is not None and (syntax.is_compressed or syntax.is_deflated):
        return 0
    pixels = int(data.get("Rows") or 0) * int(data.get("Columns") or 0) * int(data.get("SamplesPerPixel") or 1)
    return pixels_at + pixels * frames * int(data.get("BitsAllocated") or 16) // 8


def _first_item(data: Dataset, keyword: str) -> Dataset:
    from pydicom.dataset import Dataset

    sequence = data.get(keyword)
    return sequence[0] if sequence else Dataset()
