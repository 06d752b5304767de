"""The training loop: resumable to the step, mixed precision, averaged weights."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.tensorboard import SummaryWriter

from fedkd.errors import ExitCode, FedkdError
from fedkd.models.package import put_weights, weights_of
from fedkd.networks import build_network
from fedkd.progress import ProgressEvent, Report
from fedkd.training.batches import Batch, stream_batches
from fedkd.training.cases import TrainingCase, is_test_case
from fedkd.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from fedkd.training.learner import Learner
from fedkd.training.prepared import PreparedCases, preparation_for
from fedkd.training.recipe import Recipe

_CHECKPOINT_EVERY_S = 120.0
_LOG_EVERY_STEPS = 50


@dataclass(frozen=True)
class Machine:
    """What a run may use.

    Args:
        device: cpu or cuda.
        workers: processes that make patches; 0: the training makes them itself.
        cache_bytes: for prepared cases, in each of the processes that make patches.
        max_seconds: stop after so long (saved; run again to go on).
    """

    device: str = "cpu"
    workers: int = 1
    cache_bytes: int = 4_000_000_000
    max_seconds: float = math.inf


def train(recipe: Recipe, cases: list[TrainingCase], folder: Path, machine: Machine, report: Report) -> Checkpoint:
    """Train on the cases that are not test cases; go on where an earlier run into ``folder`` stopped.

    Returns:
        The last checkpoint, also written to ``folder``.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when no case has a label for any head, or ``folder`` holds another run;
            TRAINING_DIVERGED.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(recipe, folder, torch.device(machine.device))
    prepared = PreparedCases(_usable(cases, recipe), preparation_for(recipe), machine.cache_bytes)
    batches = stream_batches(prepared, recipe, run.step, machine.workers)
    with SummaryWriter(str(folder / "tensorboard")) as log:
        run.go_on(batches, machine.max_seconds, log, report)
    return run.checkpoint()


class _Run:
    """The state of one run and what happens to it step by step."""

    def __init__(self, recipe: Recipe, folder: Path, device: torch.device) -> None:
        self.recipe = recipe
        self.folder = folder
        self.device = device
        torch.manual_seed(recipe.optimization.seed)
        self.learner = Learner(build_network(recipe.stage.network), recipe, device, where=folder)
        self.network = self.learner.network
        self.step = 0
        self.seconds_before = 0.0
        self.average = {name: value.clone() for name, value in weights_of(self.network).items()}
        self.started = time.monotonic()
        self._resume()

    def _resume(self) -> None:
        saved = read_checkpoint(self.folder)
        if saved is None:
            return
        if saved.recipe != self.recipe:
            raise FedkdError(
                ExitCode.TRAINING_DATA_INVALID,
                "The output folder holds a run with another recipe.",
                where=self.folder,
                what_to_do="Give another output folder, or the same recipe to go on with that run.",
            )
        put_weights(self.network, saved.weights)
        self.average = {name: value.to(self.device) for name, value in saved.average.items()}
        self.learner.optimizer.load_state_dict(saved.optimizer)
        self.step, self.seconds_before = saved.step, saved.seconds

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            recipe=self.recipe,
            step=self.step,
            seconds=self.seconds_before + time.monotonic() - self.started,
            weights=weights_of(self.network),
            average=self.average,
            optimizer=self.learner.optimizer.state_dict(),
        )

    def go_on(self, batches: Iterator[Batch], max_seconds: float, log: SummaryWriter, report: Report) -> None:
        self.learner.start()
        saved_at, waited = time.monotonic(), 0.0
        asked = time.monotonic()
        losses: dict[str, list[float]] = {}
        for batch in batches:
            waited += time.monotonic() - asked
            for name, value in self._learn(batch).items():
                losses.setdefault(name, []).append(value)
            if self.step % _LOG_EVERY_STEPS == 0:
                self._log(losses, waited, log, report)
                losses = {}
            now = time.monotonic()
            if now - self.started > max_seconds:
                break
            if now - saved_at > _CHECKPOINT_EVERY_S:
                write_checkpoint(self.folder, self.checkpoint())
                saved_at = now
            asked = time.monotonic()
        write_checkpoint(self.folder, self.checkpoint())

    def _learn(self, batch: Batch) -> dict[str, float]:
        parts = self.learner.learn(batch, self.step)
        self.step += 1
        self._update_average(self.recipe.optimization.average_decay)
        return parts

    @torch.no_grad()
    def _update_average(self, decay: float) -> None:
        # Young averages must not hold on to the random start.
        decay = min(decay, self.step / (self.step + 100))
        for name, value in self.network.named_parameters():
            if value.requires_grad:
                self.average[name].lerp_(value.detach(), 1 - decay)

    def _log(self, losses: dict[str, list[float]], waited_s: float, log: SummaryWriter, report: Report) -> None:
        seconds = time.monotonic() - self.started
        means = {name: sum(values) / len(values) for name, values in losses.items()}
        for name, value in means.items():
            log.add_scalar(f"loss/{name}", value, self.step)
        log.add_scalar("learning_rate", self.learner.optimizer.param_groups[0]["lr"], self.step)
        log.add_scalar("share_of_time_waiting_for_data", waited_s / seconds, self.step)
        steps = self.recipe.optimization.steps
        text = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
        message = f"step {self.step} of {steps}: {text}; {waited_s / seconds:.0%} of the time waiting for data"
        report(ProgressEvent("train", self.step / steps, message))


def _usable(cases: list[TrainingCase], recipe: Recipe) -> list[TrainingCase]:
    heads = recipe.trained_heads
    usable = [case for case in cases if not is_test_case(case.case_id) and any(case.has_label(head) for head in heads)]
    if not usable:
        raise FedkdError(
            ExitCode.TRAINING_DATA_INVALID,
            f"No training case has a label for any of the heads {', '.join(sorted(heads))}.",
            where=cases[0].ct.parent.parent,
            what_to_do="Add cases with such labels (a fifth of all cases is always kept for testing).",
        )
    return usable
