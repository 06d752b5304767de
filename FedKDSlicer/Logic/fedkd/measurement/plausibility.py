"""What a reader should look at twice. Every finding has its value, the range it leaves, and who says so.

Nothing is corrected: a measurement with a finding is as it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fedkd.confidence import LOW_BELOW, NEAR_MM, NOT_CALIBRATED, Confidence
from fedkd.geometry import Grid
from fedkd.measurement import cusp_plausibility
from fedkd.measurement.angles import REACHABLE_CRANIAL_CAUDAL_DEG, REACHABLE_LAO_RAO_DEG, is_reachable
from fedkd.measurement.catalog import BY_KEY, SPECIFICATIONS, Specification
from fedkd.measurement.findings import Finding, Severity
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.shapes import CArmView
from fedkd.measurement.wording import is_outside, shown_range, shown_unit, shown_value

# A choice of ours: beyond the range by this part of its width, a measurement is more likely wrong than unusual.
_FAR_BEYOND = 0.25
_THICK_MM, _TOO_THICK_MM = 1.0, 1.5
_THICK_SOURCE = "SCCT 2019 asks for slices of at most 1 mm for the aortic root; the warning above 1.5 mm is our choice"
_CONTRAST_KEY = "lumen_mean_hu"
_CALIBRATED_SOURCE = f"our choice for the chance, estimated on CTs of known truth, of being within {NEAR_MM:.0f} mm"
_UNCALIBRATED_SOURCE = "a choice of ours: this model's confidence is not calibrated, nobody knows what it is worth"
_REACH_SOURCE = "a choice of ours for what C-arms usually reach; it depends on the system, the patient and the arms"


@dataclass(frozen=True)
class Evidence:
    """What findings are made from.

    Args:
        quantities: what was measured so far; keys that are absent have no finding.
        landmarks: where they lie.
        confidences: landmark name -> confidence, of landmarks that have one.
        views: the named C-arm views.
    """

    quantities: Mapping[str, Quantity]
    landmarks: RootLandmarks
    confidences: Mapping[str, Confidence]
    views: Mapping[str, CArmView]


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Return all findings, warnings first."""
    found = [
        *_unusable_landmarks(evidence.landmarks),
        *cusp_plausibility.cusp_findings(evidence.landmarks),
        *cusp_plausibility.septum_findings(evidence.landmarks),
        *_outside_ranges(evidence.quantities),
        *_low_confidences(evidence.confidences, evidence.landmarks),
        *_thick_slices(evidence.landmarks.grid),
        *_views_out_of_reach(evidence.views),
        _MOTION,
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def _unusable_landmarks(landmarks: RootLandmarks) -> list[Finding]:
    missing = [
        Finding(f"{name.lower()}_missing", "warning", f"{name} has no position: what needs it is not measured.")
        for name in landmarks.missing
    ]
    return missing + [
        Finding(f"{name.lower()}_outside_ct", "warning", f"{name} lies outside the CT: what needs it is not measured.")
        for name in landmarks.outside
    ]


def _outside_ranges(quantities: Mapping[str, Quantity]) -> list[Finding]:
    found = []
    for specification in SPECIFICATIONS:
        quantity = quantities.get(specification.key)
        value = None if quantity is None else quantity.value
        if isinstance(value, float) and is_outside(specification.published, value):
            found.append(_outside_range(specification, value))
    return found


def _outside_range(specification: Specification, value: float) -> Finding:
    published = specification.published
    assert published is not None
    unit = shown_unit(specification.unit)
    beyond = max(published.low - value, value - published.high)
    severity: Severity = "warning" if beyond > _FAR_BEYOND * (published.high - published.low) else "note"
    text = f"{specification.name}: {shown_value(specification, value)} {unit}".rstrip()
    text = f"{text}; the published range is {shown_range(specification)} {unit}".rstrip() + "."
    if specification.key == _CONTRAST_KEY and value < published.low:
        severity = "warning"
        text += " With so little contrast the lumen's contour is uncertain."
    return Finding(
        f"{specification.key}_out_of_range",
        severity,
        text,
        value,
        specification.unit,
        published.low,
        published.high,
        published.source,
    )


def _low_confidences(confidences: Mapping[str, Confidence], landmarks: RootLandmarks) -> list[Finding]:
    return [
        Finding(
            f"{name.lower()}_confidence_low",
            "warning",
            _low_text(name, confidence),
            confidence.value,
            low=LOW_BELOW,
            high=1.0,
            source=_CALIBRATED_SOURCE if confidence.is_calibrated else _UNCALIBRATED_SOURCE,
        )
        for name, confidence in confidences.items()
        if confidence.is_low and name in landmarks.positions_lps_mm
    ]


def _low_text(name: str, confidence: Confidence) -> str:
    if confidence.is_calibrated:
        return f"{name} was found with low confidence, {confidence.number}. Check it."
    return f"{name} was found with a confidence of {confidence.number} only, which is {NOT_CALIBRATED}. Check it."


def _thick_slices(grid: Grid) -> list[Finding]:
    largest = max(grid.spacing_mm)
    if largest <= _THICK_MM + 1e-3:
        return []
    severity: Severity = "warning" if largest > _TOO_THICK_MM + 1e-3 else "note"
    text = f"Voxels are up to {largest:.2f} mm long: small structures and edges are blurred."
    return [Finding("voxels_large", severity, text, largest, "mm", 0.0, _THICK_MM, _THICK_SOURCE)]


def _views_out_of_reach(views: Mapping[str, CArmView]) -> list[Finding]:
    found = []
    for name, view in views.items():
        if is_reachable(view):
            continue
        rotation_is_worse = abs(view.lao_deg) > REACHABLE_LAO_RAO_DEG
        limit = REACHABLE_LAO_RAO_DEG if rotation_is_worse else REACHABLE_CRANIAL_CAUDAL_DEG
        what = "rotation" if rotation_is_worse else "tilt"
        value = view.lao_deg if rotation_is_worse else view.cranial_deg
        text = f"The {name} view needs a {what} of {abs(value):.0f}\N{DEGREE SIGN}, more than C-arms usually reach."
        code = f"{name.replace(' ', '_').replace('-', '_')}_out_of_reach"
        found.append(Finding(code, "note", text, value, "deg", -limit, limit, _REACH_SOURCE))
    return found


_MOTION = Finding(
    "motion_not_judged",
    "note",
    "Motion and the phase of the heartbeat are not judged: look for double edges and steps between slices.",
    source="SCCT 2019: the annulus is measured in systole, in images without motion",
)

assert _CONTRAST_KEY in BY_KEY
