"""The words on a picture: what it shows, of which case, by which model, and what to distrust."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from fedkd.anatomy import HINGE_POINTS, OSTIA, SEPTUM
from fedkd.confidence import NOT_CALIBRATED, Confidence
from fedkd.measurement.catalog import BY_KEY
from fedkd.plain_text import printable
from fedkd_slicer.about_text import NO_MODEL
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.measured_case import MeasuredCase
from fedkd_slicer.view_plan import PlannedView

LEGEND = (
    f"{', '.join(HINGE_POINTS)}: hinge points of the cusps.  "
    f"{', '.join(OSTIA)}: coronary ostia.  {', '.join(SEPTUM)}: membranous septum."
)
_LONGEST_ID = 48
_LINE_LENGTH = 100
_MOST_LINES = 4
_CONFIDENCE_CODES = "_confidence_low"  # how the codes of such findings end
_NO_BREAK = "\N{NO-BREAK SPACE}"
# A point this close to the plane is in it for a reader: about the thickness of a slice.
_IN_PLANE_MM = 1.5


@dataclass(frozen=True)
class Caption:
    """What is written above (``title``, ``source``) and below (``measured``, ``remarks``) a picture."""

    title: str
    source: str
    measured: tuple[str, ...]
    remarks: tuple[str, ...]


def caption_of(case: CaseResults, plan: PlannedView, has_calcification: bool) -> Caption:
    """Return the words for a planned picture of ``case``."""
    return Caption(
        plan.title, _source(case), _measured(case.measured, plan.measurements), _remarks(case, has_calcification)
    )


def point_name(case: CaseResults, name: str) -> str:
    """Return a landmark's name; '?' marks low confidence."""
    return name + ("?" if name in low_confidence(case) else "")


def point_name_and_distance(case: CaseResults, name: str, toward_viewer_mm: float) -> str:
    """Return a landmark's name with its distance from the plane shown."""
    if abs(toward_viewer_mm) < _IN_PLANE_MM:
        return point_name(case, name)
    side = "in front" if toward_viewer_mm > 0 else "behind"
    return f"{point_name(case, name)} {abs(toward_viewer_mm):.0f} mm {side}"


def low_confidence(case: CaseResults) -> tuple[str, ...]:
    """Return the landmarks found with low confidence."""
    doubtful = {name for name, confidence in case.confidences.items() if confidence.is_low}
    return tuple(name for name in case.positions_ras_mm if name in doubtful)


def _number_of(confidence: Confidence) -> str:
    return confidence.number if confidence.is_calibrated else f"{confidence.number}, {NOT_CALIBRATED}"


def _source(case: CaseResults) -> str:
    return f"Case {_cut(case.case_id)}    Model {_cut(case.model_id or NO_MODEL)}"


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_ID else name[: _LONGEST_ID - 3] + "..."


def _measured(measured: MeasuredCase, keys: tuple[str, ...]) -> tuple[str, ...]:
    values = [(BY_KEY[key].name, measured.shown(key)) for key in keys]
    if keys and not any(value for _, value in values):
        reason = measured.reason(keys[0])
        return tuple(textwrap.wrap(f"{BY_KEY[keys[0]].name}: {reason}", _LINE_LENGTH)) if reason else ()
    # A name is not torn from its value at a line's end.
    words = (f"{name} {value}".replace(" ", _NO_BREAK) for name, value in values if value)
    lines = textwrap.wrap(" ".join(word + 3 * _NO_BREAK for word in words), _LINE_LENGTH, break_long_words=False)
    return tuple(line.replace(_NO_BREAK, " ").strip() for line in lines)


def _warnings(measured: MeasuredCase) -> list[str]:
    # Low confidence is already told for all landmarks in one line.
    return [
        printable(finding.text)
        for finding in measured.findings
        if finding.severity == "warning" and not finding.code.endswith(_CONFIDENCE_CODES)
    ]


def _remarks(case: CaseResults, has_calcification: bool) -> tuple[str, ...]:
    remarks = []
    if case.landmark_source is not None:
        remarks.append(f"Landmarks: {printable(case.landmark_source)}.")
    if case.moved:
        remarks.append("Moved since measured: " + ", ".join(case.moved) + ". Measure again.")
    if case.not_found:
        remarks.append("Not found: " + ", ".join(case.not_found) + ".")
    doubtful = [f"{name}? ({_number_of(case.confidences[name])})" for name in low_confidence(case)]
    if doubtful:
        remarks.append("Low confidence: " + ", ".join(doubtful) + ".")
    if not has_calcification:
        remarks.append("No calcification found.")
    lines = textwrap.wrap(" ".join(remarks), _LINE_LENGTH)
    for text in (*_warnings(case.measured), *case.notes):
        lines.extend(textwrap.wrap(text, _LINE_LENGTH))
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "More: see 'About these results' in the scene."]
    return tuple(lines)
