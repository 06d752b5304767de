"""What happens in a study, in one line for people."""

from __future__ import annotations

from fedkd.federation.evaluation_table import GROUPS
from fedkd.federation.messages import AnyMessage, ErrorLine, NoteLine, RoundLine, StageLine
from fedkd.federation.replies import SiteReply


def line_of(message: AnyMessage) -> str:
    """Return a line for people; empty for what only programs care about."""
    match message:
        case StageLine(state="started" | "resumed"):
            return f"{message.stage}: {message.state}"
        case StageLine(state="skipped"):
            return f"{message.stage}: finished before"
        case RoundLine():
            return _round(message)
        case NoteLine():
            return message.message
        case ErrorLine():
            return message.error.what
        case _:
            return ""


def _round(line: RoundLine) -> str:
    parts = [text for answer in line.answers if (text := _answer(line, answer))]
    parts += [f"{site} missing ({reason})" for site, reason in sorted(line.missing.items())]
    parts += [f"{site} left out ({reason})" for site, reason in sorted(line.refused.items())]
    number = "evaluated" if line.kind == "evaluate" else f"round {min(line.round + 1, line.rounds)} of {line.rounds}"
    return f"{line.stage}: {number}, {line.seconds:.0f} s; {'; '.join(parts)}"


def _answer(line: RoundLine, answer: SiteReply) -> str:
    if answer.declined:
        return f"{answer.site} takes no part"
    if line.kind == "train":
        losses = ", ".join(f"{name} {value:.3f}" for name, value in answer.losses.items())
        spent = "" if answer.epsilon is None else f"epsilon {answer.epsilon:.2f} spent"
        return f"{answer.site} {answer.cases} cases: {losses or spent}"
    if line.kind == "label":
        labeled = ", ".join(f"{head} {count}" for head, count in answer.samples.items())
        missed = sum(answer.not_labeled.values())
        return f"{answer.site} labeled {labeled}" + (f", {missed} not" if missed else "")
    if line.kind == "evaluate":
        return _evaluated(answer)
    return answer.site


def _evaluated(answer: SiteReply) -> str:
    labels = GROUPS["hinge points and ostia"]
    errors = [case.errors_mm[label] for case in answer.evaluated for label in labels if label in case.errors_mm]
    found = [error for error in errors if error is not None]
    mean = f", {sum(found) / len(found):.1f} mm" if found else ""
    return f"{answer.site} {len(answer.evaluated)} cases, {len(found)} of {len(errors)} hinge points and ostia{mean}"
