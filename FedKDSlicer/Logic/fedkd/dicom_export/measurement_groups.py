"""Measurements and landmarks as the groups of a TID 1500 report.

Templates: TID 1501 for numbers, TID 1411 for what belongs to a segment, TID 1410 for points (DICOM PS3.16).
"""

from __future__ import annotations

from collections.abc import Iterable

import highdicom as hd
import numpy as np
from highdicom.sr import (
    AlgorithmIdentification,
    FindingSite,
    GraphicTypeValues3D,
    ImageRegion3D,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    ReferencedSegment,
    SourceSeriesForSegmentation,
    TrackingIdentifier,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)

import fedkd
from fedkd.anatomy import CALCIFIED_PARTS, LANDMARK_BY_NAME, SegmentStyle
from fedkd.dicom_export.coded import coded, private, site
from fedkd.dicom_export.codes import (
    ANSWER_CODES,
    EVALUATION_CODES,
    LANDMARK_SITES,
    MEASUREMENT_CODES,
    OTHER_ANSWER,
    UNITS,
    MeasurementCode,
)
from fedkd.dicom_export.equipment import NAME
from fedkd.dicom_export.segmentation import tracking_uid
from fedkd.dicom_export.source_series import SourceSeries
from fedkd.measurement.catalog import BY_KEY, SPECIFICATIONS, Group, Specification
from fedkd.measurement.document import LandmarkRecord, QuantityRecord

AnyGroup = (
    MeasurementsAndQualitativeEvaluations
    | PlanarROIMeasurementsAndQualitativeEvaluations
    | VolumetricROIMeasurementsAndQualitativeEvaluations
)


def number_groups(
    quantities: dict[str, QuantityRecord], series: SourceSeries, segmentation: hd.seg.Segmentation | None
) -> list[AnyGroup]:
    """Return a group for each heading of the catalog that has values, and one for each calcified part."""
    groups: list[AnyGroup] = []
    in_segments = {key for part in CALCIFIED_PARTS for key in _keys_of_part(part)}
    for group in Group:
        keys = [one.key for one in SPECIFICATIONS if one.group == group and one.key not in in_segments]
        groups.extend(_plain_group(group.value, f"group {group.value}", keys, quantities, series))
    for part, style in CALCIFIED_PARTS.items():
        groups.extend(_part_group(part, style, quantities, series, segmentation))
    return groups


def landmark_group(label: str, record: LandmarkRecord, series: SourceSeries) -> AnyGroup | None:
    """Return the landmark as a point in the frame of reference, None when it is undefined."""
    if record.position_lps_mm is None:
        return None
    landmark = LANDMARK_BY_NAME[label]
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(label, f"landmark {label}", series),
        referenced_region=ImageRegion3D(
            GraphicTypeValues3D.POINT, np.array([record.position_lps_mm]), series.frame_of_reference_uid
        ),
        finding_type=private(f"LANDMARK_{label}", f"{label}: {landmark.full_name}"),
        finding_sites=[site(LANDMARK_SITES[label])],
    )


def _plain_group(
    title: str, tracking: str, keys: Iterable[str], quantities: dict[str, QuantityRecord], series: SourceSeries
) -> list[AnyGroup]:
    measured = _measurements(keys, quantities)
    evaluations = _evaluations(keys, quantities)
    if not measured and not evaluations:
        return []
    return [
        MeasurementsAndQualitativeEvaluations(
            tracking_identifier=_tracking(title, tracking, series),
            measurements=measured,
            qualitative_evaluations=evaluations,
        )
    ]


def _part_group(
    part: str,
    style: SegmentStyle,
    quantities: dict[str, QuantityRecord],
    series: SourceSeries,
    segmentation: hd.seg.Segmentation | None,
) -> list[AnyGroup]:
    number = None if segmentation is None else _segment_number(segmentation, style)
    keys = _keys_of_part(part)
    if number is None or segmentation is None:
        return _plain_group(style.name, style.segment_id, keys, quantities, series)
    measured = _measurements(keys, quantities)
    if not measured:
        return []
    reference = ReferencedSegment(
        segmentation.SOPClassUID,
        segmentation.SOPInstanceUID,
        number,
        source_series=SourceSeriesForSegmentation(series.images[0].SeriesInstanceUID),
    )
    group = VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(style.name, style.segment_id, series),
        referenced_segment=reference,
        finding_category=coded(style.category),
        finding_type=coded(style.type),
        finding_sites=[site(style.region, style.region_modifier)],
        measurements=measured,
    )
    return [group]


def _keys_of_part(part: str) -> tuple[str, str]:
    return (f"calcium_{part}_mm3", f"calcium_{part}_mass_score")


def _segment_number(segmentation: hd.seg.Segmentation, style: SegmentStyle) -> int | None:
    numbers = segmentation.get_segment_numbers(tracking_id=style.segment_id)
    return int(numbers[0]) if numbers else None


def _measurements(keys: Iterable[str], quantities: dict[str, QuantityRecord]) -> list[Measurement]:
    values = ((key, quantities[key].value) for key in keys)
    return [
        _measurement(BY_KEY[key], MEASUREMENT_CODES[key], value) for key, value in values if isinstance(value, float)
    ]


def _measurement(specification: Specification, code: MeasurementCode, value: float) -> Measurement:
    method = private(code.method, specification.name)
    return Measurement(
        name=method if code.concept is None else coded(code.concept),
        value=value,
        unit=coded(UNITS[specification.unit]),
        method=method,
        derivation=None if code.derivation is None else coded(code.derivation),
        finding_sites=[_site_of(code)],
        algorithm_id=AlgorithmIdentification(
            name=f"{NAME}: {specification.name}",
            version=fedkd.__version__,
            parameters=[specification.method, f"From: {', '.join(specification.inputs)}"],
        ),
    )


def _site_of(code: MeasurementCode) -> FindingSite:
    return site(code.site, code.site_modifier)


def _evaluations(keys: Iterable[str], quantities: dict[str, QuantityRecord]) -> list[QualitativeEvaluation]:
    values = ((key, quantities[key].value) for key in keys)
    return [_evaluation(key, value) for key, value in values if isinstance(value, str)]


def _evaluation(key: str, word: str) -> QualitativeEvaluation:
    answer = private(ANSWER_CODES.get(word, OTHER_ANSWER), word)
    return QualitativeEvaluation(private(EVALUATION_CODES[key], BY_KEY[key].name), answer)


def _tracking(identifier: str, name: str, series: SourceSeries) -> TrackingIdentifier:
    return TrackingIdentifier(uid=tracking_uid(name, series), identifier=identifier)
