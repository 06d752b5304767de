"""Bright structures in the root that were not counted, for the reader to judge."""

from __future__ import annotations

from fedkd.measurement.calcium.measure import CalciumParts
from fedkd.measurement.findings import Finding

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
                severity="warning" if not_seen >= _WORTH_A_WARNING_MM3 else "note",
                text=f"{not_seen:.0f} mm³ in the root are brighter than {parts.threshold_hu:.0f} HU, but are not "
                "marked as calcification, and are not counted. Check whether they are calcium.",
                value=not_seen,
                unit="mm3",
            )
        )
    if parts.beside_mm3 >= _WORTH_SAYING_MM3:
        doubts.append(
            Finding(
                code="calcium_beside_root",
                severity="note",
                text=f"{parts.beside_mm3:.0f} mm³ at the root's wall are brighter than {parts.threshold_hu:.0f} HU, "
                "but belong to a structure outside, such as a coronary artery or the mitral annulus; not counted.",
                value=parts.beside_mm3,
                unit="mm3",
            )
        )
    return tuple(doubts)
