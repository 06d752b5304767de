"""A DICOM series and the measured case made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from builders.ct_images import GRID, array_on
from builders.dicom_series import SeriesSpec, write_enhanced, write_series
from fedkd.anatomy import CALCIFIED_PART_LABELS, CALCIFIED_PARTS, LANDMARK_NAMES
from fedkd.case.layout import CALCIFICATION_FILE, MEASUREMENTS_FILE
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid
from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.document import FindingRecord, LandmarkRecord, MeasurementsDocument, QuantityRecord
from fedkd.measurement.septum import INTERMEDIATE
from fedkd.volumes import order_dicom_slices

MODEL_ID = "embedded-1"
NOT_MEASURED = {"stj_height_mm": "The ascending aorta leaves the image.", "lco_wall_height_mm": "No contour was found."}
UNDEFINED_LANDMARK = "MS2"


@dataclass(frozen=True)
class DicomCase:
    """Files of the series in the order of their slices, the case's folder, and what is in it (axes zyx)."""

    files: list[Path]
    folder: Path
    labels: npt.NDArray[np.uint8]
    grid: Grid
    document: MeasurementsDocument


def dicom_case(place: Path, grid: Grid = GRID, spec: SeriesSpec | None = None, enhanced: bool = False) -> DicomCase:
    """Write a series of a smooth body and a case with all kinds of values."""
    spec = spec or SeriesSpec()
    hu = np.rint(array_on(grid)).astype(np.int16)
    if enhanced:
        files = [write_enhanced(place / "series" / "ct.dcm", hu, grid, spec)]
    else:
        files = write_series(place / "series", hu, grid, spec)
    # The case has the grid that readers see; slices may have been stored in the opposite order.
    read = order_dicom_slices(files).grid
    labels, document = part_labels(read), measured_document(read)
    return DicomCase(files, write_case(place / "case", labels, read, document), labels, read, document)


def write_case(folder: Path, labels: npt.NDArray[np.uint8], grid: Grid, document: MeasurementsDocument) -> Path:
    """Write the two files that the export reads."""
    folder.mkdir()
    write_segmentation(grid.to_image(labels), tuple(CALCIFIED_PARTS.values()), folder / CALCIFICATION_FILE)
    (folder / MEASUREMENTS_FILE).write_text(document.model_dump_json(), encoding="utf-8")
    return folder


def part_labels(grid: Grid) -> npt.NDArray[np.uint8]:
    """Blobs of three parts, at different heights and nowhere symmetric; the left cusp has none."""
    nx, ny, nz = grid.size_xyz
    labels = np.zeros((nz, ny, nx), np.uint8)
    labels[nz // 2 : nz // 2 + 3, 5:9, 7:13] = CALCIFIED_PART_LABELS["rcc"]
    labels[nz // 2 + 1 : nz // 2 + 6, 15:18, 30:31] = CALCIFIED_PART_LABELS["ncc"]
    labels[nz // 4, 20:22, 20:25] = CALCIFIED_PART_LABELS["lvot"]
    return labels


def measured_document(grid: Grid) -> MeasurementsDocument:
    """Numbers that are all different, some missing, and the landmarks inside the grid."""
    quantities = {}
    for index, key in enumerate(KEYS):
        value: float | str | None = 10.0 + index / 7
        if key in NOT_MEASURED:
            value = None
        elif key == "septum_risk_band":
            value = INTERMEDIATE
        elif key.startswith("calcium_lcc"):
            value = 0.0
        one = BY_KEY[key]
        quantities[key] = QuantityRecord(
            value=value, unit=one.unit, reason=NOT_MEASURED.get(key), method=one.method, inputs=one.inputs
        )
    return MeasurementsDocument(
        case="case",
        landmark_source="model",
        model_id=MODEL_ID,
        calcium_threshold="lumen+100",
        landmarks=landmarks_in(grid),
        findings=(finding(),),
        **quantities,
    )


def landmarks_in(grid: Grid) -> dict[str, LandmarkRecord]:
    """All landmarks at places of their own, one undefined."""
    places = {name: grid.index_to_lps((8.3 + 2 * i, 9.7 + i, 20.1 + i)) for i, name in enumerate(LANDMARK_NAMES)}
    return {
        name: LandmarkRecord(position_lps_mm=None if name == UNDEFINED_LANDMARK else tuple(place.tolist()))
        for name, place in places.items()
    }


def finding() -> FindingRecord:
    """Something to look at twice."""
    return FindingRecord(
        code="lumen_mean_out_of_range",
        severity="warning",
        text="Little contrast: 210 HU.",
        value=210.0,
        unit="[hnsf'U]",
        low=250.0,
        high=None,
        source="Kok 2016",
    )
