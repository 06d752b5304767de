"""Everything that is measured on one aortic root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import SimpleITK as sitk

from fedkd.confidence import Confidence
from fedkd.measurement.after_drag import DragSession, Followed
from fedkd.measurement.calcium import CalciumParts, CalciumThreshold, Marks, calcium_doubts
from fedkd.measurement.catalog import KEYS
from fedkd.measurement.findings import Finding
from fedkd.measurement.from_root import ROOT_KEYS, Marked, RootSizes, measure_calcium_parts, measure_sizes
from fedkd.measurement.one_thread import one_thread
from fedkd.measurement.plausibility import Evidence, findings
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.result import Measurements
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.sheet import Sheet
from fedkd.volumes import CtVolume

PointLps = tuple[float, float, float]


@dataclass(frozen=True)
class MeasureOptions:
    """What can be chosen.

    Args:
        calcium_threshold: which voxels may be calcium.
        confidences: landmark name -> confidence, of points that a model found: low ones become findings.
    """

    calcium_threshold: CalciumThreshold = CalciumThreshold.LUMEN_PLUS_100
    confidences: Mapping[str, Confidence] = field(default_factory=dict)


@dataclass(frozen=True)
class MeasuredRoot:
    """The result.

    Args:
        measurements: every key of the catalog with a value or a reason, findings, shapes.
        calcium: uint8 in the CT's grid, `fedkd.anatomy.CALCIFIED_PART_LABELS`; None when it could not be measured.
    """

    measurements: Measurements
    calcium: sitk.Image | None


@one_thread()
def measure_root(
    ct: CtVolume, points_lps_mm: Mapping[str, PointLps], calcification: Marks | None, options: MeasureOptions
) -> MeasuredRoot:
    """Measure all there is in the catalog. What cannot be measured has a reason; no geometry is an error.

    Args:
        ct: in any orientation.
        points_lps_mm: landmark name -> position; names that are absent were not found.
        calcification: where a model or a reader sees calcium, on any grid; None: no opinion.
        options: what was chosen.
    """
    session = DragSession(ct.image, options.confidences)
    followed = session.follow(points_lps_mm)
    landmarks = RootLandmarks.of(points_lps_mm, ct.grid)
    sheet = Sheet()
    sizes, parts = RootSizes(None, None, None, ()), None
    if session.view is None:
        why = followed.quantities["annulus_area_mm2"].reason
        assert why is not None
        sheet.fail(ROOT_KEYS, why)
    else:
        sizes = measure_sizes(session.view, landmarks, sheet)
        marked = Marked(calcification, options.calcium_threshold)
        parts = measure_calcium_parts(session.view, landmarks, followed.sections, sizes, marked, sheet)
    quantities = followed.quantities | sheet.quantities
    evidence = Evidence(quantities, landmarks, options.confidences, followed.shapes.named_views)
    measurements = _together(followed, quantities, _all_findings(evidence, parts), sizes)
    return MeasuredRoot(measurements, None if parts is None else parts.label_map_on(ct.grid))


def _all_findings(evidence: Evidence, parts: CalciumParts | None) -> tuple[Finding, ...]:
    found = findings(evidence) + (() if parts is None else calcium_doubts(parts))
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def _together(
    followed: Followed, quantities: dict[str, Quantity], found: tuple[Finding, ...], sizes: RootSizes
) -> Measurements:
    shapes = replace(
        followed.shapes,
        contours=followed.shapes.contours + sizes.contours,
        lines=followed.shapes.lines + sizes.lines,
        centerline=sizes.centerline,
    )
    return Measurements({key: quantities[key] for key in KEYS}, found, shapes)
