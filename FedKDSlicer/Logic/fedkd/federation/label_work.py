"""A site's share of labeling: a teacher labels the CTs that no person labeled. Nothing of it leaves the site."""

from __future__ import annotations

import hashlib
import time
from collections import Counter

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Weights
from fedkd.federation.looks import Look, Looker
from fedkd.federation.place import SitePlace
from fedkd.federation.pseudo_labels import PseudoLabels
from fedkd.federation.replies import SiteReply
from fedkd.federation.root_places import reason_of
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.site_data import SurveyedCase, cases_to_learn_from
from fedkd.federation.task import LabelTask
from fedkd.progress import ProgressEvent, Report

# A disk that is full, or a folder that cannot be written, stops the work: a single CT that cannot be used does not.
_STOPS = frozenset({ExitCode.DISK_FULL, ExitCode.OUTPUT_NOT_WRITABLE, ExitCode.OUT_OF_MEMORY, ExitCode.TASK_REFUSED})


def label_cases(task: LabelTask, weights: Weights, place: SitePlace, report: Report) -> SiteAnswer:
    """Label every CT that may teach and has no human label of a head, with the teacher ``weights``.

    Stopped or killed it goes on where it was: a case that this teacher has looked at is not looked at again.

    Raises:
        FedkdError: TASK_REFUSED; DISK_FULL or OUTPUT_NOT_WRITABLE; OUT_OF_MEMORY.
    """
    started = time.monotonic()
    teacher = hash_of_weights(weights)
    # What was prepared from the labels of an earlier teacher is not what is on the disk any more.
    place.memory.prepared = None
    wanted = [(one, missing) for one in cases_to_learn_from(place.survey()) if (missing := _missing_heads(one, task))]
    work = _Labeling(task, teacher, Looker(task.network, weights, place), place)
    for number, (one, missing) in enumerate(wanted, start=1):
        work.label(one, missing)
        report(ProgressEvent("label", number / len(wanted), f"CT {number} of {len(wanted)}"))
    reply = SiteReply(
        site=place.site,
        stage=task.stage,
        round=task.round,
        samples=dict(work.labeled),
        cases=len(wanted),
        not_labeled=dict(work.not_labeled),
        seconds=round(time.monotonic() - started, 3),
    )
    return SiteAnswer(reply)


class _Labeling:
    def __init__(self, task: LabelTask, teacher_sha256: str, looker: Looker, place: SitePlace) -> None:
        self._teacher = teacher_sha256
        self._keep_soft = task.keep_logits
        self._looker = looker
        self._folder = place.stage_folder(task.study_sha256, task.stage)
        self.labeled: Counter[str] = Counter(dict.fromkeys(task.heads, 0))
        self.not_labeled: Counter[str] = Counter()

    def label(self, one: SurveyedCase, heads: tuple[str, ...]) -> None:
        labels = PseudoLabels(self._folder / one.case.case_id)
        states = {head: labels.state_of(head) for head in heads}
        due = [head for head, state in states.items() if state is None or state.teacher_sha256 != self._teacher]
        look = self._look(one) if due else None
        for head in heads:
            state = states[head]
            if head not in due and state is not None:
                reason = state.reason
            elif isinstance(look, Look):
                reason = labels.write(look, head, self._teacher, keep_soft=self._keep_soft)
            else:
                reason = str(look)
                labels.note(head, self._teacher, reason)
            if reason:
                self.not_labeled[reason] += 1
            else:
                self.labeled[head] += 1

    def _look(self, one: SurveyedCase) -> Look | str:
        try:
            return self._looker.look(one.case)
        except FedkdError as error:
            if error.code in _STOPS:
                raise
            return reason_of(error)


def hash_of_weights(weights: Weights) -> str:
    """Return a hash of names and values: the same teacher has the same one."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        value = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}\n".encode())
        digest.update(value.float().numpy().tobytes())
    return digest.hexdigest()


def _missing_heads(one: SurveyedCase, task: LabelTask) -> tuple[str, ...]:
    return tuple(head for head in task.heads if head not in one.heads)
