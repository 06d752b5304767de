"""What to look at twice: plausibility findings and notes, the gravest first."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.measurement.document import FindingRecord
from fedkd.measurement.findings import Severity
from fedkd.report.content import CaseContent
from fedkd.report.numbers import shown_limits, shown_number

_GRAVITY: dict[Severity, int] = {"warning": 0, "note": 1}


@dataclass(frozen=True)
class Remark:
    """One thing to look at: a sentence, and what it rests on as (name, value)."""

    severity: Severity
    text: str
    grounds: tuple[tuple[str, str], ...] = ()


def remarks_of(content: CaseContent) -> tuple[Remark, ...]:
    """Return all remarks on a case, warnings first."""
    remarks = []
    if content.moved:
        names = ", ".join(content.moved)
        remarks.append(
            Remark("warning", f"Moved since the case was measured: {names}. The numbers are old. Measure again.")
        )
    if content.measured is not None:
        remarks += [_remark(finding) for finding in content.measured.findings]
    remarks += [Remark("note", note) for note in content.origin.notes]
    return tuple(sorted(remarks, key=lambda remark: _GRAVITY[remark.severity]))


def _remark(finding: FindingRecord) -> Remark:
    grounds = (
        ("Found", "" if finding.value is None else shown_number(finding.value, finding.unit)),
        ("Expected", shown_limits(finding.low, finding.high, finding.unit)),
        ("Source", finding.source),
    )
    return Remark(finding.severity, finding.text, tuple((name, value) for name, value in grounds if value))
