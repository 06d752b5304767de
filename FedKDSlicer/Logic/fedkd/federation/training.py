"""A training stage at the coordinator: rounds, and how the sites' networks become one."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.asking import Answered, Asking, Combine, Question
from fedkd.federation.averaging import Averaged, Weights, average
from fedkd.federation.messages import NoteLine
from fedkd.federation.rounds import RoundResult, SiteAnswer
from fedkd.federation.secure_mean import from_secure_mean
from fedkd.federation.stage_store import COMMON, Kept
from fedkd.federation.study_stages import TrainStage
from fedkd.federation.tasks_of_study import AnyTask, collect_task, evaluate_task, train_task
from fedkd.models.package import weights_of
from fedkd.networks import build_network
from fedkd.training.recipe import Recipe


def run_training(stage: TrainStage, asking: Asking) -> None:
    """Run the rounds of a stage that are not yet finished.

    Raises:
        FedkdError: ROUND_FAILED; those of writing.
    """
    match stage.aggregation.kind:
        case "local":
            _Rounds(stage, asking).each_for_itself()
        case "sequential":
            _Rounds(stage, asking).one_after_the_other()
        case "selective":
            _Rounds(stage, asking).together()
            _Rounds(stage, asking).collect()
        case "fedavg" | "fedprox":
            _Rounds(stage, asking).together()


class _Rounds:
    def __init__(self, stage: TrainStage, asking: Asking) -> None:
        self._stage = stage
        self._asking = asking
        self._study = asking.study
        self._store = asking.store_of(stage.name)
        self._declined: set[str] = set()

    def together(self) -> None:
        """All sites at a time."""
        kept = self._kept()
        for number in range(kept.rounds, self._stage.rounds):
            answered = self._ask(train_task(self._study, self._stage, number), kept.weights, self._sites())
            kept = self._keep(answered, kept, number + 1)
            self._evaluate(kept)

    def one_after_the_other(self) -> None:
        """Every site begins with what the one before it left; a turn counts as a round of the store."""
        kept = self._kept()
        turns = [(number, site) for number in range(self._stage.rounds) for site in self._study.training_sites]
        for turn, (number, site) in enumerate(turns):
            if turn < kept.rounds or site in self._declined:
                continue
            task = train_task(self._study, self._stage, number)
            kept = self._keep(self._ask_one(task, kept.weights, site), kept, turn + 1)
            if (turn + 1) % len(self._study.training_sites) == 0:
                self._evaluate(Kept(kept.weights, number + 1))
        self._store.write(kept.weights, len(turns))

    def each_for_itself(self) -> None:
        """Every site trains a network of its own, which the coordinator keeps to evaluate it elsewhere."""
        trained = 0
        for site in self._study.training_sites:
            kept = self._store.read(site) or Kept(self._first_weights(), 0)
            for number in range(kept.rounds, self._stage.rounds):
                task = train_task(self._study, self._stage, number)
                answered = self._ask_one(task, kept.weights, site)
                if answered is None or answered.averaged is None:
                    break
                kept = Kept(answered.averaged.weights, number + 1)
                self._store.write(kept.weights, kept.rounds, site)
            trained += kept.rounds > 0
        if not trained:
            raise _nobody(self._stage)

    def collect(self) -> None:
        """Attach the heads that stayed at their sites to the one backbone."""
        kept = self._kept()
        if kept.rounds > self._stage.rounds:
            return
        answered = self._ask(collect_task(self._study, self._stage), kept.weights, self._study.training_sites)
        self._keep(answered, kept, self._stage.rounds + 1)

    def _kept(self) -> Kept:
        return self._store.read() or Kept(self._first_weights(), 0)

    def _first_weights(self) -> dict[str, torch.Tensor]:
        if self._stage.start_from is not None:
            kept = self._asking.store_of(self._stage.start_from).read()
            assert kept is not None, "the stage before is finished"
            return kept.weights
        return first_weights(self._study.recipe_of(self._stage))

    def _sites(self) -> tuple[str, ...]:
        return tuple(site for site in self._study.training_sites if site not in self._declined)

    def _ask(self, task: AnyTask, weights: Weights, sites: tuple[str, ...], *, all_of_them: bool = False) -> Answered:
        answered = self._asking.ask(
            Question(
                task=task,
                weights=weights,
                sites=sites,
                deadline_s=self._study.participation.deadline_s,
                rounds=self._stage.rounds,
                combine=self._combine(weights),
                needs_all=all_of_them,
            )
        )
        self._declined |= set(answered.declined)
        return answered

    def _ask_one(self, task: AnyTask, weights: Weights, site: str) -> Answered | None:
        """Ask a single site; None, with a note, when it does not answer: the others go on without it."""
        try:
            return self._ask(task, weights, (site,), all_of_them=True)
        except FedkdError as error:
            if error.code is not ExitCode.ROUND_FAILED:
                raise
            self._asking.tell(NoteLine(message=f"{error.what} The others go on."))
            return None

    def _combine(self, before: Weights) -> Combine:
        fewest = self._study.participation.fewest_cases

        def combine(answers: Sequence[SiteAnswer], result: RoundResult) -> Averaged:
            if result.together is not None:
                return from_secure_mean(result.together, before, [one.reply for one in result.answers])
            return average([one.as_update() for one in answers], before, fewest)

        return combine

    def _keep(self, answered: Answered | None, kept: Kept, rounds: int) -> Kept:
        if answered is not None and answered.averaged is not None:
            kept = Kept(answered.averaged.weights, rounds)
            self._store.write(kept.weights, rounds)
        elif not self._sites():
            raise _nobody(self._stage)
        return kept

    def _evaluate(self, kept: Kept) -> None:
        every = self._stage.evaluate_every
        if not every or kept.rounds % every:
            return
        task = evaluate_task(self._study, self._stage.name, self._stage.name, kept.rounds)
        self._asking.ask(
            Question(
                task=task,
                weights=kept.weights,
                sites=tuple(site.id for site in self._study.sites),
                deadline_s=self._study.participation.deadline_s,
                rounds=self._stage.rounds,
                combine=lambda *_: None,
            )
        )


def networks_of(stage: TrainStage, asking: Asking) -> dict[str, Weights]:
    """Return what a finished stage trained: one network, or one for each site that trained its own.

    Args:
        stage: the stage.
        asking: its study.
    """
    store = asking.store_of(stage.name)
    names = asking.study.training_sites if stage.aggregation.kind == "local" else (COMMON,)
    return {name: kept.weights for name in names if (kept := store.read(name)) is not None}


def _nobody(stage: TrainStage) -> FedkdError:
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID,
        f"No site has labels that stage {stage.name} could learn from.",
        where=stage.name,
        what_to_do="Check the sites' counts, and fewest_cases in the study file.",
    )


def first_weights(recipe: Recipe) -> dict[str, torch.Tensor]:
    """Return the random tensors that a stage begins with, the same in whatever order a study lists the heads."""
    spec = recipe.stage.network
    in_order = spec.model_copy(update={"heads": dict(sorted(spec.heads.items()))})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.optimization.seed)
        network = build_network(in_order)
    return {name: value.clone() for name, value in weights_of(network).items()}
