"""Rounds of a study over Fed-BioMed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Weights
from fedkd.federation.rounds import RoundJob, RoundResult
from fedkd.federation.site_lines import TrafficLine
from fedkd.federation.task import TrainTask
from fedkd.networks import AnySpec
from fedkd_federation.asking import PatientRequests
from fedkd_federation.plan import network_spec
from fedkd_federation.roster import OnlineSite, Roster
from fedkd_federation.study_experiment import StudyExperiment


class FedBioMedRounds:
    """Asks sites over Fed-BioMed, as the engine's `Rounds` says.

    Args:
        requests: to ask with.
        roster: who is connected.
        secure: whether secure aggregation hides what each site sends while it trains.
        on_end: told of each round.
        stop: set when an end is wanted.
    """

    def __init__(
        self,
        requests: PatientRequests,
        roster: Roster,
        secure: bool,
        on_end: Callable[[TrafficLine], None],
        stop: threading.Event,
    ) -> None:
        self._requests = requests
        self._roster = roster
        self._secure = secure
        self._on_end = on_end
        self._stop = stop
        self._experiment: StudyExperiment | None = None
        self._key: tuple[AnySpec, bool] | None = None

    def run(self, job: RoundJob, weights: Weights) -> RoundResult:
        """Have the sites carry out a task.

        Raises:
            FedkdError: TERMINATED when somebody asked for an end.
        """
        started = time.monotonic()
        self._raise_when_stopped()
        sites = self._roster.connected(job.sites)
        missing = {site: "it is not connected" for site in job.sites if site not in sites}
        if not sites:
            return RoundResult((), missing)
        experiment = self._experiment_for(job, sites)
        self._requests.deadline_s = job.deadline_s
        try:
            experiment.carry(job.task, sites, weights)
            self._raise_when_stopped()
            result = self._result(experiment, sites, missing)
        finally:
            experiment.forget()
            self._requests.forget()
        self._on_end(_ended(job, result, weights, len(sites), time.monotonic() - started))
        return result

    def close(self) -> None:
        """Remove what lies on the disk for the time of a run."""
        if self._experiment is not None:
            self._experiment.close()
            self._experiment = None

    def _experiment_for(self, job: RoundJob, sites: Mapping[str, OnlineSite]) -> StudyExperiment:
        key = (network_spec(job.task), self._secure and isinstance(job.task, TrainTask))
        if self._experiment is None or key != self._key:
            self.close()
            self._experiment, self._key = StudyExperiment(job.task, sites, self._requests, key[1]), key
        return self._experiment

    def _result(
        self, experiment: StudyExperiment, sites: Mapping[str, OnlineSite], missing: dict[str, str]
    ) -> RoundResult:
        collected = experiment.collected
        answered = {answer.reply.site for answer in collected.answers}
        for site in sites.values():
            if site.node_id in collected.problems:
                missing[site.site] = collected.problems[site.node_id]
            elif site.site not in answered:
                missing[site.site] = self._requests.why_no_answer(site.node_id)
        return RoundResult(tuple(collected.answers), missing, experiment.together)

    def _raise_when_stopped(self) -> None:
        if self._stop.is_set():
            raise stopped()


def stopped() -> FedkdError:
    """Return the error for an end that somebody asked for."""
    return FedkdError(
        ExitCode.TERMINATED,
        "The study was stopped.",
        where="coordinator",
        what_to_do="Everything finished is kept: run the study again to go on.",
    )


def _ended(job: RoundJob, result: RoundResult, weights: Weights, asked: int, seconds: float) -> TrafficLine:
    at_work = max((answer.reply.seconds for answer in result.answers), default=0.0)
    return TrafficLine(
        stage=job.task.stage,
        round=job.task.round,
        sent_bytes=asked * _bytes(weights),
        received_bytes=sum(_bytes(answer.weights) for answer in result.answers),
        seconds=round(seconds, 3),
        overhead_s=round(max(0.0, seconds - at_work), 3),
    )


def _bytes(weights: Weights) -> int:
    return sum(value.numel() * value.element_size() for value in weights.values())
