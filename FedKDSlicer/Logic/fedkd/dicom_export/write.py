"""Write a case's results as DICOM, into the patient and study that its CT came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import SimpleITK as sitk
from pydicom.dataset import Dataset

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS, LANDMARK_NAMES
from fedkd.atomic import write_atomically, writing_error
from fedkd.case.layout import (
    CALCIFICATION_FILE,
    DICOM_MEASUREMENTS_FILE,
    DICOM_SEGMENTATION_FILE,
    MEASUREMENTS_FILE,
)
from fedkd.case.segmentation_file import read_calcified_parts, read_label_map
from fedkd.dicom_export.codes import EVALUATION_CODES
from fedkd.dicom_export.equipment import Maker
from fedkd.dicom_export.quiet import no_header_values_told
from fedkd.dicom_export.segmentation import LabelMap, make_segmentation
from fedkd.dicom_export.source_series import read_source_series
from fedkd.dicom_export.structured_report import make_report
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.measurement.catalog import KEYS
from fedkd.measurement.document import MeasurementsDocument


def write_dicom_results(case_folder: Path, source_files: Sequence[Path]) -> tuple[str, ...]:
    """Write dicom/segmentation.dcm and dicom/measurements.dcm; return the names of those made, in this order.

    Both carry the patient's name and identity, as the CT does. Without calcification there is no segmentation (DICOM
    knows no empty one), and the report says so; without any value and landmark there is no report. Files of an earlier
    run are removed first: beside new measurements they would be wrong.

    Args:
        case_folder: holds measurements.json and calcification.seg.nrrd.
        source_files: the DICOM files that the CT was read from (``CtVolume.source.dicom_files``), in any order.

    Raises:
        FedkdError: GEOMETRY_INVALID when the series does not identify its images or its frame of reference, consists
            of several multi-frame files, or is not the one of the case; INPUT_NOT_FOUND or INPUT_UNREADABLE;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    _remove_old(case_folder)
    document = _read_measurements(case_folder / MEASUREMENTS_FILE)
    labels, grid = _read_labels(case_folder / CALCIFICATION_FILE)
    maker = Maker(document.model_id)
    with no_header_values_told():
        series = read_source_series(source_files)
        series.check_grid(grid, case_folder / CALCIFICATION_FILE)
        segmentation = make_segmentation(labels, series, maker)
        report = make_report(document, series, segmentation, maker)
        made = {DICOM_SEGMENTATION_FILE: segmentation, DICOM_MEASUREMENTS_FILE: report}
        written = {name: data for name, data in made.items() if data is not None}
        for name, data in written.items():
            _save(case_folder / name, data)
    return tuple(written)


def _remove_old(case_folder: Path) -> None:
    for name in (DICOM_SEGMENTATION_FILE, DICOM_MEASUREMENTS_FILE):
        path = case_folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise writing_error(path, error) from error


def _read_measurements(path: Path) -> MeasurementsDocument:
    try:
        document = MeasurementsDocument.model_validate_json(path.read_bytes())
        if not _is_complete(document):
            raise ValueError("measurements or landmarks are not those of the catalog")
    except (OSError, ValueError) as error:  # pydantic's errors are ValueErrors
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "The measurements cannot be read.",
            where=path,
            what_to_do="Measure the case again: fedkd measure CASE.",
        ) from error
    return document


def _is_complete(document: MeasurementsDocument) -> bool:
    """True when the keys are the catalog's, words stand only where words belong, and the landmarks are known."""
    quantities = document.quantities
    words = {key for key, one in quantities.items() if isinstance(one.value, str)}
    numbers = {key for key, one in quantities.items() if isinstance(one.value, float)}
    allowed = set(EVALUATION_CODES)
    return (
        quantities.keys() == set(KEYS)
        and words <= allowed
        and not numbers & allowed
        and document.landmarks.keys() <= set(LANDMARK_NAMES)
    )


def _read_labels(path: Path) -> tuple[LabelMap, Grid]:
    parts = read_calcified_parts(path)
    styles = tuple(CALCIFIED_PARTS.values())
    if parts is None:
        parts, styles = read_label_map(path) != 0, (CALCIFICATION,)
    return LabelMap(sitk.GetArrayFromImage(parts), styles), Grid.of(parts)


def _save(path: Path, data: Dataset) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise writing_error(path, error) from error
    write_atomically(path, lambda unfinished: data.save_as(unfinished, enforce_file_format=True))
