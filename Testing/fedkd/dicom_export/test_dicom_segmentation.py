"""The DICOM segmentation: voxels, places, references, segments."""

from __future__ import annotations

import random

import highdicom as hd
import numpy as np
import pydicom
import pytest

from builders.ct_images import GRID, array_on, rotation
from builders.dicom_case import dicom_case, part_labels, write_case
from builders.dicom_series import SeriesSpec, edit, write_series
from builders.expect import refusal
from fedkd.anatomy import CALCIFICATION, CALCIFIED_PART_LABELS, CALCIFIED_PARTS
from fedkd.case.layout import CALCIFICATION_FILE
from fedkd.case.segmentation_file import write_segmentation
from fedkd.dicom_export import write_dicom_results
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.volumes import read_ct

SEGMENTATION, MEASUREMENTS = "dicom/segmentation.dcm", "dicom/measurements.dcm"
PRESENT = ("rcc", "ncc", "lvot")


def turned(direction: np.ndarray) -> Grid:
    return Grid((36, 30, 14), (0.7, 0.8, 1.1), (-20.0, 33.0, 512.0), tuple(direction.ravel().tolist()))


ORIENTATIONS = {
    "axial": np.eye(3),
    "oblique": rotation(0, 20) @ rotation(2, -35),
    "head to feet": np.diag([1.0, 1.0, -1.0]),
    "rows to the right": np.diag([-1.0, 1.0, 1.0]),
    "turned over": np.diag([-1.0, -1.0, 1.0]),
    "sagittal": np.eye(3)[:, [1, 2, 0]],
}


def read_back(path, grid: Grid, frame_uid: str):
    """The label map in the CT's grid, axes zyx, and the segments' tracking ids."""
    segmentation = hd.seg.segread(path)
    direction = np.array(grid.direction).reshape(3, 3)
    geometry = hd.VolumeGeometry.from_components(
        grid.size_xyz[::-1],
        spacing=grid.spacing_mm[::-1],
        coordinate_system="PATIENT",
        position=grid.origin_lps_mm,
        direction=direction[:, ::-1],
        frame_of_reference_uid=frame_uid,
    )
    volume = segmentation.get_volume(combine_segments=True).match_geometry(geometry, tol=1e-4)
    return volume.array, [item.TrackingID for item in segmentation.SegmentSequence]


def as_stored(labels: np.ndarray) -> np.ndarray:
    numbers = np.zeros(5, np.uint8)
    for number, part in enumerate(PRESENT, start=1):
        numbers[CALCIFIED_PART_LABELS[part]] = number
    return numbers[labels]


@pytest.mark.parametrize("direction", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_voxels_lie_where_they_lay(tmp_path, direction):
    case = dicom_case(tmp_path, turned(direction))
    random.Random(3).shuffle(case.files)
    assert write_dicom_results(case.folder, case.files) == (SEGMENTATION, MEASUREMENTS)
    array, parts = read_back(case.folder / SEGMENTATION, case.grid, SeriesSpec().frame_uid)
    np.testing.assert_array_equal(array, as_stored(case.labels))
    assert parts == [CALCIFIED_PARTS[part].segment_id for part in PRESENT]


def test_multi_frame_series(tmp_path):
    case = dicom_case(tmp_path, turned(ORIENTATIONS["oblique"]), enhanced=True)
    write_dicom_results(case.folder, case.files)
    array, _ = read_back(case.folder / SEGMENTATION, case.grid, SeriesSpec().frame_uid)
    np.testing.assert_array_equal(array, as_stored(case.labels))
    made, source = pydicom.dcmread(case.folder / SEGMENTATION), pydicom.dcmread(case.files[0])
    for frame in made.PerFrameFunctionalGroupsSequence:
        reference = frame.DerivationImageSequence[0].SourceImageSequence[0]
        assert reference.ReferencedSOPInstanceUID == source.SOPInstanceUID
        referenced = source.PerFrameFunctionalGroupsSequence[reference.ReferencedFrameNumber - 1]
        np.testing.assert_allclose(
            frame.PlanePositionSequence[0].ImagePositionPatient,
            referenced.PlanePositionSequence[0].ImagePositionPatient,
        )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    case = dicom_case(tmp_path_factory.mktemp("finished"), turned(ORIENTATIONS["oblique"]))
    write_dicom_results(case.folder, case.files)
    return case, pydicom.dcmread(case.folder / SEGMENTATION)


def test_frames_only_where_there_are_voxels_each_with_its_image(finished):
    case, made = finished
    images = [pydicom.dcmread(file, stop_before_pixels=True) for file in case.files]
    expected = {(part, k) for part in PRESENT for k in np.flatnonzero(slices_with(case.labels, part))}
    found = set()
    for frame in made.PerFrameFunctionalGroupsSequence:
        number = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        position = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        k = round(float(case.grid.lps_to_index(position)[2]))
        found.add((PRESENT[number - 1], k))
        reference = frame.DerivationImageSequence[0].SourceImageSequence[0]
        assert reference.ReferencedSOPInstanceUID == images[k].SOPInstanceUID
        np.testing.assert_array_equal(position, np.array(images[k].ImagePositionPatient, float))
    assert found == expected
    assert made.NumberOfFrames == len(expected)


def slices_with(labels: np.ndarray, part: str) -> np.ndarray:
    return (labels == CALCIFIED_PART_LABELS[part]).any(axis=(1, 2))


def test_it_belongs_to_the_series(finished):
    case, made = finished
    image = pydicom.dcmread(case.files[0], stop_before_pixels=True)
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName"):
        assert made[keyword].value == image[keyword].value
    assert made.SeriesInstanceUID != image.SeriesInstanceUID
    (series,) = made.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == image.SeriesInstanceUID
    referenced = [item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence]
    assert referenced == [pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID for file in case.files]


def test_it_says_what_it_is(finished):
    _, made = finished
    assert (made.ContentLabel, made.ContentQualification) == ("NOT_FOR_CLINICAL", "RESEARCH")
    assert "NOT FOR CLINICAL USE" in made.SeriesDescription
    assert "clinical use" in made.ContentDescription
    right = made.SegmentSequence[0]
    style = CALCIFIED_PARTS["rcc"]
    assert right.SegmentLabel == style.name
    assert right.SegmentedPropertyTypeCodeSequence[0].CodeValue == style.type.value
    assert right.AnatomicRegionSequence[0].CodeValue == style.region.value
    modifier = right.AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0]
    assert modifier.CodeValue == style.region_modifier.value
    color = hd.color.CIELabColor.from_dicom_value(right.RecommendedDisplayCIELabValue)
    np.testing.assert_allclose(color.to_rgb(clip=True), [255 * part for part in style.color_rgb], atol=1)


def test_calcification_that_is_not_told_apart_is_one_segment(tmp_path):
    case = dicom_case(tmp_path, turned(np.eye(3)))
    mask = (case.labels > 0).astype(np.uint8)
    write_segmentation(case.grid.to_image(mask), (CALCIFICATION,), case.folder / CALCIFICATION_FILE)
    write_dicom_results(case.folder, case.files)
    array, parts = read_back(case.folder / SEGMENTATION, case.grid, SeriesSpec().frame_uid)
    np.testing.assert_array_equal(array, mask)
    assert parts == [CALCIFICATION.segment_id]


def test_without_calcification_there_is_no_segmentation_not_even_an_old_one(tmp_path):
    case = dicom_case(tmp_path, turned(np.eye(3)))
    write_dicom_results(case.folder, case.files)
    empty = case.grid.to_image(np.zeros_like(case.labels))
    write_segmentation(empty, tuple(CALCIFIED_PARTS.values()), case.folder / CALCIFICATION_FILE)
    assert write_dicom_results(case.folder, case.files) == (MEASUREMENTS,)
    assert sorted(file.name for file in (case.folder / "dicom").iterdir()) == ["measurements.dcm"]
    report = pydicom.dcmread(case.folder / MEASUREMENTS)
    texts = [item.TextValue for item in report.ContentSequence[-1].ContentSequence]
    assert "No segmentation was made: no calcification was found." in texts


def test_series_of_another_case_is_refused(tmp_path):
    case = dicom_case(tmp_path, turned(np.eye(3)))
    other = write_case(tmp_path / "other", part_labels(GRID), GRID, case.document)
    with refusal(ExitCode.GEOMETRY_INVALID, "voxels of the DICOM series"):
        write_dicom_results(other, case.files)
    assert not (other / "dicom").exists()


def test_results_of_an_earlier_run_do_not_outlive_a_failure(tmp_path):
    case = dicom_case(tmp_path, turned(np.eye(3)))
    write_dicom_results(case.folder, case.files)
    with refusal(ExitCode.GEOMETRY_INVALID):
        write_dicom_results(case.folder, case.files[:-1])
    assert list((case.folder / "dicom").iterdir()) == []


def test_slices_a_little_off_their_place_stay_where_the_ct_has_them(tmp_path):
    case = dicom_case(tmp_path, turned(np.eye(3)))
    k = int(np.flatnonzero(case.labels.any(axis=(1, 2)))[2])
    position = [-20.0, 33.0, round(512.0 + 1.1 * k + 0.06, 6)]
    edit(case.files[k], ImagePositionPatient=[f"{value:.6f}" for value in position])
    write_dicom_results(case.folder, case.files)
    made = pydicom.dcmread(case.folder / SEGMENTATION)
    positions = [frame.PlanePositionSequence[0].ImagePositionPatient for frame in made.PerFrameFunctionalGroupsSequence]
    assert position in [[float(value) for value in one] for one in positions]


def test_ct_names_exactly_the_files_that_were_read(tmp_path):
    grid = Grid((36, 34, 20), (1.2, 1.25, 2.1), (-24.0, -55.0, 514.0))
    case = dicom_case(tmp_path / "one", grid)
    write_series(tmp_path / "two", array_on(grid), grid, SeriesSpec(contrast=""))
    source = read_ct(tmp_path).source
    assert list(source.dicom_files) == case.files
    assert write_dicom_results(case.folder, source.dicom_files)
