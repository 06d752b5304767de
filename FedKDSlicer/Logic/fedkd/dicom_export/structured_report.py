"""Measurements as a Comprehensive 3D structured report after TID 1500."""

from __future__ import annotations

import highdicom as hd
from highdicom.sr import (
    CodeContentItem,
    CodedConcept,
    ContainerContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    ImageContentItem,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    RelationshipTypeValues,
    TextContentItem,
    UIDRefContentItem,
)

import fedkd
from fedkd.anatomy import Code
from fedkd.dicom_export.coded import coded
from fedkd.dicom_export.codes import (
    COMMENT,
    COMPUTED_TOMOGRAPHY,
    FRAME_OF_REFERENCE_UID,
    IMAGE_LIBRARY,
    IMAGE_LIBRARY_GROUP,
    MODALITY,
    PROCEDURE_REPORTED,
    QUALITATIVE_EVALUATIONS,
    REPORT_TITLE,
    SOURCE,
)
from fedkd.dicom_export.equipment import (
    MEASUREMENTS_SERIES_NUMBER,
    NAME,
    Maker,
    common_values,
    private_coding_scheme,
)
from fedkd.dicom_export.measurement_groups import AnyGroup, landmark_group, number_groups
from fedkd.dicom_export.source_series import SourceSeries
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.document import MeasurementsDocument
from fedkd.plain_text import printable

_DESCRIPTION = "Aortic root measurements - research, NOT FOR CLINICAL USE"


def make_report(
    document: MeasurementsDocument, series: SourceSeries, segmentation: hd.seg.Segmentation | None, maker: Maker
) -> hd.sr.Comprehensive3DSR | None:
    """Return the report in the series' patient and study, not verified by anybody; None when it would be empty."""
    groups: list[AnyGroup] = number_groups(document.quantities, series, segmentation)
    points = (landmark_group(label, record, series) for label, record in document.landmarks.items())
    groups.extend(point for point in points if point is not None)
    if not groups:
        return None
    content = MeasurementReport(
        observation_context=ObservationContext(_observer(maker)),
        procedure_reported=coded(PROCEDURE_REPORTED),
        imaging_measurements=groups,
        title=coded(REPORT_TITLE),
    )
    root = content[0]
    root.ContentSequence.insert(len(root.ContentSequence) - 1, _image_library(series))
    root.ContentSequence.append(_comments(_texts(document, segmentation)))
    missing = [key for key, one in document.quantities.items() if one.value is None]
    report = hd.sr.Comprehensive3DSR(
        evidence=[*series.images, *([] if segmentation is None else [segmentation])],
        content=root,
        series_number=MEASUREMENTS_SERIES_NUMBER,
        is_complete=not missing,
        is_final=False,
        is_verified=False,
        coding_schemes=[private_coding_scheme()],
        **common_values(maker, _DESCRIPTION),
    )
    if missing:
        report.CompletionFlagDescription = f"{len(missing)} measurements have no value"
    return report


def _observer(maker: Maker) -> ObserverContext:
    return ObserverContext(
        observer_type=CodedConcept("121007", "DCM", "Device"),
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=maker.device_uid,
            name=f"{NAME} {fedkd.__version__}",
            manufacturer_name=NAME,
            model_name=maker.model,
            serial_number=maker.serial_number,
        ),
    )


def _image_library(series: SourceSeries) -> ContainerContentItem:
    """Return TID 1600: every image of the series, and what they share."""
    acquisition = RelationshipTypeValues.HAS_ACQ_CONTEXT
    group = _container(IMAGE_LIBRARY_GROUP)
    group.ContentSequence.append(CodeContentItem(coded(MODALITY), coded(COMPUTED_TOMOGRAPHY), acquisition))
    group.ContentSequence.append(
        UIDRefContentItem(coded(FRAME_OF_REFERENCE_UID), series.frame_of_reference_uid, acquisition)
    )
    group.ContentSequence.extend(
        ImageContentItem(
            name=coded(SOURCE),
            referenced_sop_class_uid=image.SOPClassUID,
            referenced_sop_instance_uid=image.SOPInstanceUID,
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
        for image in series.images
    )
    library = _container(IMAGE_LIBRARY)
    library.ContentSequence.append(group)
    return library


def _texts(document: MeasurementsDocument, segmentation: hd.seg.Segmentation | None) -> list[str]:
    texts = [
        fedkd.NOT_FOR_CLINICAL_USE,
        f"Landmarks: {document.landmark_source}. Calcium threshold: {document.calcium_threshold}.",
    ]
    missing = [f"{BY_KEY[key].name}: {one.reason}" for key, one in document.quantities.items() if one.value is None]
    if missing:
        texts.append("Without value: " + "; ".join(missing))
    undefined = [label for label, record in document.landmarks.items() if record.position_lps_mm is None]
    if undefined:
        texts.append(f"Undefined landmarks: {', '.join(undefined)}")
    if segmentation is None:
        texts.append("No segmentation was made: no calcification was found.")
    texts.extend(f"{finding.severity.capitalize()}: {finding.text}" for finding in document.findings)
    return texts


def _comments(texts: list[str]) -> ContainerContentItem:
    container = _container(QUALITATIVE_EVALUATIONS)
    container.ContentSequence.extend(
        TextContentItem(coded(COMMENT), printable(text), RelationshipTypeValues.CONTAINS) for text in texts
    )
    return container


def _container(name: Code) -> ContainerContentItem:
    item = ContainerContentItem(coded(name), relationship_type=RelationshipTypeValues.CONTAINS)
    item.ContentSequence = ContentSequence()
    return item
