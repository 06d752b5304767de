"""Bright structures in the root that were not counted, for the reader to judge."""

from __future__ import annotations

from fedkd.measurement.calcium.measure import CalciumParts
from fedkd.measurement.findings import Finding, Severity

_WORTH_SAYING_MM3 = 3.0
_WORTH_A_WARNING_MM3 = 50.0  # clearly above the 20 mm3 at which a calcification counts as present


def calcium_doubts(parts: CalciumParts) -> tuple[Finding, ...]:
    """Return what lies above the threshold and is not in the volumes."""
    doubts = []
    not_seen = parts.not_seen_mm3 or 0.0
    if not_seen >= _WORTH_SAYING_MM3:
        doubts.append(
            Finding(
                code="calcium_not_seen_by_model",
                severity=_severity(not_seen),
                text=f"{not_seen:.0f} mm³ in the root are brighter than {parts.threshold_hu:.0f} HU, but are not "
                "marked as calcification, and are not counted. Check whether they are calcium.",
                value=not_seen,
                unit="mm3",
            )
        )
    if parts.not_seen_mm3 is None and sum(parts.volumes_mm3.values()) >= _WORTH_SAYING_MM3:
        doubts.append(
            Finding(
                code="calcium_not_marked",
                severity="note",
                text="Neither a model nor a reader has marked calcification: all that is bright enough in the root is "
                "counted, and unmixed contrast may be part of it.",
            )
        )
    if parts.top_is_assumed:
        doubts.append(
            Finding(
                code="calcium_upper_end_assumed",
                severity="note",
                text=f"Calcium is counted up to {parts.top_mm:.0f} mm above the annulus, the usual height of the "
                "sinotubular junction for this annulus: the junction was not found, or not at a plausible height.",
                value=parts.top_mm,
                unit="mm",
                source="150 patients, 1.69 times the annulus' radius (monaldi.2019.1022)",
            )
        )
    if parts.beside_mm3 >= _WORTH_SAYING_MM3:
        doubts.append(
            Finding(
                code="calcium_beside_root",
                severity=_severity(parts.beside_mm3),
                text=f"{parts.beside_mm3:.0f} mm³ at the root's wall are brighter than {parts.threshold_hu:.0f} HU, "
                "but belong to a structure outside, such as a coronary artery or the mitral annulus; not counted.",
                value=parts.beside_mm3,
                unit="mm3",
            )
        )
    return tuple(doubts)


def _severity(volume_mm3: float) -> Severity:
    return "warning" if volume_mm3 >= _WORTH_A_WARNING_MM3 else "note"
