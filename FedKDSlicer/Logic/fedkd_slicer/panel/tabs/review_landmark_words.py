"""What a row of the landmark table says, in words; colors only repeat them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slicer.i18n import tr as _

from fedkd.measurement.concerned import concerned_landmarks
from fedkd_slicer.panel.review.opened_case import FindingLine, PlacedLandmark
from fedkd_slicer.panel.review.state import Landmark

Rgb = tuple[int, int, int]

# Okabe and Ito's palette, which color-blind readers can tell apart.
GOOD: Rgb = (0, 158, 115)
LOOK: Rgb = (230, 159, 0)
BAD: Rgb = (213, 94, 0)
UNKNOWN: Rgb = (140, 140, 140)


@dataclass(frozen=True)
class Cell:
    """A text, the color that goes with it, and what more there is to say."""

    text: str
    color: Rgb
    more: str = ""


def state_cell(landmark: Landmark, placed: PlacedLandmark | None) -> Cell:
    """Return what the reader has done with a landmark so far."""
    from_file = placed is not None and placed.placed_by == "file"
    return {
        "predicted": Cell(_("From a file") if from_file else _("Predicted"), LOOK, _("Nobody has accepted it yet.")),
        "corrected": Cell(_("Corrected"), LOOK, _("A reader placed it. Nobody has accepted it yet.")),
        "accepted": Cell(_("Accepted"), GOOD, _("It is locked. Space unlocks it.")),
        "missing": Cell(_("Missing"), BAD, _("It has no position. P places it.")),
    }[landmark.state]


def confidence_cell(landmark: Landmark, placed: PlacedLandmark | None) -> Cell:
    """Return how sure the model was; of a point that was moved that says nothing any more."""
    if landmark.position_lps_mm is None:
        return Cell("\N{EN DASH}", UNKNOWN)
    text = "" if placed is None else str(placed.details.get("confidence_text", ""))
    if not landmark.is_where_it_was_first:
        return Cell(_("Set by reader"), UNKNOWN, _("The model's confidence was for another place."))
    if placed is None or not text:
        return Cell(_("Not known"), UNKNOWN, _("The landmark came without a confidence."))
    color = {"high": GOOD, "fair": LOOK, "low": BAD}.get(placed.details.get("confidence_level") or "", UNKNOWN)
    return Cell(text, color, _spread(placed))


def plausibility_cell(landmark: Landmark, findings: Sequence[FindingLine]) -> Cell:
    """Return whether anything about a landmark is to be looked at twice."""
    about = findings_about(landmark.label, findings)
    warnings = sum(finding.severity == "warning" for finding in about)
    more = "\n".join(finding.text for finding in about)
    if warnings:
        return Cell(_("{count} to check").format(count=warnings), BAD, more)
    if about:
        return Cell(_("1 note") if len(about) == 1 else _("{count} notes").format(count=len(about)), LOOK, more)
    if landmark.position_lps_mm is None:
        return Cell("\N{EN DASH}", UNKNOWN)
    return Cell(_("Plausible"), GOOD, _("Nothing unusual was found."))


def findings_about(label: str, findings: Sequence[FindingLine]) -> tuple[FindingLine, ...]:
    """Return the findings that speak of a landmark."""
    return tuple(finding for finding in findings if label in concerned_landmarks(finding.code))


def general_findings(findings: Sequence[FindingLine]) -> tuple[FindingLine, ...]:
    """Return the findings that speak of no landmark, but of the whole case."""
    return tuple(finding for finding in findings if not concerned_landmarks(finding.code))


def _spread(placed: PlacedLandmark) -> str:
    spread_mm = placed.details.get("spread_mm")
    if not isinstance(spread_mm, float):
        return ""
    return _("The model's looks at the CT lie {spread:.1f} mm around it.").format(spread=spread_mm)
