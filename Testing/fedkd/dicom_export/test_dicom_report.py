"""The structured report: every number with unit and method, landmarks in space, and what it says of itself."""

from __future__ import annotations

import highdicom as hd
import numpy as np
import pydicom
import pytest

from builders.ct_images import rotation
from builders.dicom_case import MODEL_ID, NOT_MEASURED, UNDEFINED_LANDMARK, dicom_case
from builders.dicom_series import SeriesSpec
from fedkd import NOT_FOR_CLINICAL_USE, __version__
from fedkd.anatomy import CALCIFIED_PARTS, LANDMARK_NAMES
from fedkd.case.layout import DICOM_MEASUREMENTS_FILE, DICOM_SEGMENTATION_FILE, MEASUREMENTS_FILE
from fedkd.dicom_export import write_dicom_results
from fedkd.dicom_export.codes import MEASUREMENT_CODES
from fedkd.geometry import Grid
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.document import LandmarkRecord

OBLIQUE = Grid((36, 30, 14), (1.3, 1.2, 1.1), (5.0, -8.0, 300.0), tuple((rotation(1, 15)).ravel().tolist()))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    case = dicom_case(tmp_path_factory.mktemp("report"), OBLIQUE)
    write_dicom_results(case.folder, case.files)
    return case, hd.sr.srread(case.folder / DICOM_MEASUREMENTS_FILE)


def items(root, value_type: str):
    for item in root.get("ContentSequence", []):
        if item.ValueType == value_type:
            yield item
        yield from items(item, value_type)


def name_of(item) -> str:
    return item.ConceptNameCodeSequence[0].CodeMeaning


def property_of(item, name: str):
    return next(one for one in item.ContentSequence if name_of(one) == name)


def numbers_by_method(report) -> dict[str, pydicom.Dataset]:
    found = {}
    for item in items(report, "NUM"):
        code = property_of(item, "Measurement Method").ConceptCodeSequence[0]
        assert code.CodingSchemeDesignator == "99FEDKD"
        assert code.CodeValue not in found
        found[code.CodeValue] = item
    return found


def test_every_measurement_is_there_with_value_unit_place_and_method(finished):
    case, report = finished
    found = numbers_by_method(report)
    expected = {k: q for k, q in case.document.quantities.items() if isinstance(q.value, float)}
    assert found.keys() == {MEASUREMENT_CODES[key].method for key in expected}
    for key, quantity in expected.items():
        code, item = MEASUREMENT_CODES[key], found[MEASUREMENT_CODES[key].method]
        measured = item.MeasuredValueSequence[0]
        assert measured.FloatingPointValue == quantity.value
        assert float(measured.NumericValue) == pytest.approx(quantity.value, rel=1e-12)
        unit = measured.MeasurementUnitsCodeSequence[0]
        assert (unit.CodingSchemeDesignator, unit.CodeValue) == ("UCUM", quantity.unit)
        assert property_of(item, "Finding Site").ConceptCodeSequence[0].CodeValue == code.site.value
        assert property_of(item, "Measurement Method").ConceptCodeSequence[0].CodeMeaning == BY_KEY[key].name
        assert property_of(item, "Algorithm Parameters").TextValue == BY_KEY[key].method
        assert property_of(item, "Algorithm Version").TextValue == __version__


def test_what_was_not_measured_is_left_out_and_named_with_its_reason(finished):
    _, report = finished
    found = numbers_by_method(report)
    texts = comments(report)
    (missing,) = [text for text in texts if text.startswith("Without value: ")]
    for key, reason in NOT_MEASURED.items():
        assert MEASUREMENT_CODES[key].method not in found
        assert f"{BY_KEY[key].name}: {reason}" in missing
    assert f"Undefined landmarks: {UNDEFINED_LANDMARK}" in texts
    assert (report.CompletionFlag, report.CompletionFlagDescription) == ("PARTIAL", "2 measurements have no value")


def comments(report) -> list[str]:
    return [item.TextValue for item in items(report, "TEXT") if name_of(item) == "Comment"]


def test_landmarks_are_points_in_the_frame_of_reference(finished):
    case, report = finished
    found = {}
    for group in hd.sr.MeasurementReport.from_sequence([report]).get_planar_roi_measurement_groups():
        region = group.roi
        assert region.graphic_type == hd.sr.GraphicTypeValues3D.POINT
        assert region.frame_of_reference_uid == SeriesSpec().frame_uid
        found[group.tracking_identifier] = region.value[0]
    assert set(found) == set(LANDMARK_NAMES) - {UNDEFINED_LANDMARK}
    for label, place in found.items():
        np.testing.assert_allclose(place, case.document.landmarks[label].position_lps_mm, atol=1e-4)


def test_calcium_refers_to_its_segments(finished):
    case, report = finished
    segmentation = hd.seg.segread(case.folder / DICOM_SEGMENTATION_FILE)
    groups = hd.sr.MeasurementReport.from_sequence([report]).get_volumetric_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == [
        CALCIFIED_PARTS[part].name for part in ("rcc", "ncc", "lvot")
    ]
    for group in groups:
        segment = group.referenced_segment
        assert segment.referenced_sop_instance_uid == segmentation.SOPInstanceUID
        description = segmentation.get_segment_description(segment.referenced_segment_numbers[0])
        assert description.segment_label == group.tracking_identifier
        assert description.tracking_uid == group.tracking_uid
        assert {measurement.name.meaning for measurement in group.get_measurements()} >= {"Calcium Volume"}


def test_the_observer_is_the_program_with_its_model_and_nobody_verified(finished):
    _, report = finished
    (observer,) = hd.sr.MeasurementReport.from_sequence([report]).get_observer_contexts()
    attributes = observer.observer_identifying_attributes
    assert (attributes.name, attributes.serial_number) == (f"FedKDSlicer {__version__}", MODEL_ID)
    assert MODEL_ID in attributes.model_name
    assert report.SoftwareVersions == __version__
    assert (report.VerificationFlag, report.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert "VerifyingObserverSequence" not in report


def test_it_says_not_for_clinical_use_and_what_is_doubtful(finished):
    _, report = finished
    assert NOT_FOR_CLINICAL_USE in comments(report)
    assert "NOT FOR CLINICAL USE" in report.SeriesDescription
    assert report.ContentQualification == "RESEARCH"
    assert "Warning: Little contrast: 210 HU." in comments(report)


def test_evidence_names_every_image_and_the_segmentation(finished):
    case, report = finished
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    evidence = {
        item.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    files = [*case.files, case.folder / DICOM_SEGMENTATION_FILE]
    assert evidence == {pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID for file in files}
    library = {item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in items(report, "IMAGE")}
    assert library == evidence


def test_private_codes_say_whose_they_are(finished):
    _, report = finished
    (scheme,) = report.CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeResponsibleOrganization) == ("99FEDKD", "FedKDSlicer")


def test_nothing_measured_is_no_report(tmp_path):
    case = dicom_case(tmp_path, OBLIQUE)
    nothing = {
        key: one.model_copy(update={"value": None, "reason": "No landmarks."})
        for key, one in case.document.quantities.items()
    }
    landmarks = {label: LandmarkRecord(position_lps_mm=None) for label in LANDMARK_NAMES}
    document = case.document.model_copy(update={**nothing, "landmarks": landmarks})
    (case.folder / MEASUREMENTS_FILE).write_text(document.model_dump_json())
    assert write_dicom_results(case.folder, case.files) == (DICOM_SEGMENTATION_FILE,)
