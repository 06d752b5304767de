"""What a row of the measurements says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slicer.i18n import tr as _

from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import FindingLine, MeasuredLine
from fedkd_slicer.panel.tabs.review_landmark_words import general_findings

_NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class MeasurementWords:
    """``is_stale``: of landmarks or a threshold of before, and then nothing else; ``more``: a tool tip."""

    value: str
    remark: str
    more: str
    is_stale: bool
    is_changed: bool
    is_outside: bool


def words_of(line: MeasuredLine, measurements: Measurements, first: MeasuredLine | None) -> MeasurementWords:
    """Return the words for a measurement.

    Args:
        line: the measurement.
        measurements: what it belongs to.
        first: how it read when the case was opened.
    """
    is_stale = line.key in measurements.stale
    is_changed = line.key in measurements.changed and first is not None and first.text != line.text
    remarks = [_("being measured")] if is_stale else _remarks(line, first if is_changed else None)
    more = _("Published: {range}").format(range=line.published) if line.published else ""
    return MeasurementWords(
        value=line.text or _NOTHING,
        remark="; ".join(remarks),
        more="\n".join(text for text in (line.reason, more) if text),
        is_stale=is_stale,
        is_changed=is_changed and not is_stale,
        is_outside=line.outside and not is_stale,
    )


def state_text(measurements: Measurements) -> str:
    """Return in words whether the numbers are those of the landmarks as they lie."""
    if not measurements.lines:
        return _("Nothing has been measured yet.")
    if measurements.stale:
        return _("Measuring ... Gray numbers are from before the last change.")
    if measurements.changed:
        return _("The numbers fit the landmarks as they lie. Those that changed are bold.")
    return _("The numbers fit the landmarks as they lie.")


def findings_text(findings: Sequence[FindingLine], notes: Sequence[str]) -> str:
    """Return what is to be known about the whole case, a line each; empty: nothing."""
    severity = {"warning": _("Warning"), "note": _("Note")}
    texts = [f"{severity.get(one.severity, one.severity)}: {one.text}" for one in general_findings(findings)]
    return "\n".join((*texts, *(f"{_('Note')}: {note}" for note in notes)))


def _remarks(line: MeasuredLine, first: MeasuredLine | None) -> list[str]:
    remarks = []
    if first is not None:
        before = first.text or _("not measured")
        remarks.append(_("changed, was {before}").format(before=before))
    if line.reason:
        remarks.append(_("not measured: {reason}").format(reason=line.reason))
    if line.outside:
        remarks.append(_("outside the published {range}").format(range=line.published))
    return remarks
