"""Asks sites for something until enough of them have answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Averaged, Weights, distance
from fedkd.federation.messages import AnyMessage, NoteLine, RoundLine
from fedkd.federation.rounds import RoundJob, RoundResult, Rounds, SiteAnswer
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import StudyFile
from fedkd.federation.tasks_of_study import AnyTask

# What becomes of the answers: the new network, or None where nothing is trained.
Combine = Callable[[Sequence[SiteAnswer], RoundResult], Averaged | None]


@dataclass(frozen=True)
class Question:
    """What sites are asked.

    Args:
        task: what to do.
        weights: the network that goes with it.
        sites: whom to ask.
        deadline_s: how long to wait.
        rounds: how many rounds the stage has, for what is told.
        combine: what becomes of the answers.
        needs_all: quorum or not, every site that was asked has to answer.
    """

    task: AnyTask
    weights: Weights
    sites: tuple[str, ...]
    deadline_s: float
    rounds: int
    combine: Combine
    needs_all: bool = False


@dataclass(frozen=True)
class Answered:
    """What came of a question: the new network, if any, the answers that count, and who declined."""

    averaged: Averaged | None
    answers: tuple[SiteAnswer, ...]
    declined: tuple[str, ...]


class Asking:
    """A study, its sites, and its folder.

    Args:
        study: the study.
        rounds: what carries tasks to the sites.
        folder: of the study.
        tell: is told what happens.
    """

    def __init__(self, study: StudyFile, rounds: Rounds, folder: Path, tell: Callable[[AnyMessage], None]) -> None:
        self.study = study
        self.tell = tell
        self._rounds = rounds
        self._folder = folder

    def store_of(self, stage: str) -> StageStore:
        """Return what is kept of a stage."""
        return StageStore(self._folder / "stages" / stage, self.study.sha256)

    def ask(self, question: Question) -> Answered:
        """Ask until enough sites have answered with something that can be used; note and tell what came.

        Raises:
            FedkdError: ROUND_FAILED when too few did, as often as the study tries.
        """
        line = None
        for try_number in range(1, self.study.participation.tries + 1):
            started = time.monotonic()
            job = RoundJob(question.task, question.sites, self._quorum(question, ()), question.deadline_s)
            result = self._rounds.run(job, question.weights)
            declined = tuple(one.reply.site for one in result.answers if one.reply.declined)
            answers = tuple(one for one in result.answers if not one.reply.declined)
            averaged = question.combine(answers, result) if answers else None
            line = self._line(question, result, averaged, try_number, time.monotonic() - started)
            refused = averaged.refused if averaged is not None else {}
            good = tuple(one for one in answers if one.reply.site not in refused)
            if len(good) >= self._quorum(question, declined):
                self.store_of(question.task.stage).note(line)
                self.tell(line)
                return Answered(averaged, good, declined)
            self.tell(NoteLine(message=f"Too few answers: {_reasons(line)}. {self._what_next(try_number)}"))
        assert line is not None
        raise FedkdError(
            ExitCode.ROUND_FAILED,
            f"Too few sites answered in round {question.task.round + 1} of stage {question.task.stage}: "
            f"{_reasons(line)}.",
            where=question.task.stage,
            what_to_do="Everything finished is kept: run the study again when the sites are there.",
        )

    def _quorum(self, question: Question, declined: Sequence[str]) -> int:
        able = len(question.sites) - len(declined)
        return able if question.needs_all else self.study.quorum_of(able)

    def _what_next(self, try_number: int) -> str:
        tries = self.study.participation.tries
        return "The round is tried again." if try_number < tries else f"Tried {tries} times."

    def _line(
        self, question: Question, result: RoundResult, averaged: Averaged | None, try_number: int, seconds: float
    ) -> RoundLine:
        return RoundLine(
            kind=question.task.kind,
            stage=question.task.stage,
            round=question.task.round,
            rounds=question.rounds,
            answers=tuple(one.reply for one in result.answers),
            missing=dict(result.missing),
            refused={} if averaged is None else averaged.refused,
            moved=None if averaged is None else distance(averaged.weights, question.weights),
            seconds=round(seconds, 3),
            try_number=try_number,
        )


def _reasons(line: RoundLine) -> str:
    reasons = {**line.missing, **line.refused}
    return "; ".join(f"{site}: {reason}" for site, reason in sorted(reasons.items())) or "nobody has anything to teach"
