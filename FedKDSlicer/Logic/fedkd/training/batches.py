"""An endless, reproducible stream of batches: sample number ``n`` is the same on every run and after a resume."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from fedkd.errors import FedkdError
from fedkd.training.prepared import PreparedCases
from fedkd.training.recipe import Recipe
from fedkd.training.samples import Sample, draw_sample


@dataclass(frozen=True)
class Batch:
    """``image``: (batch, 1, z, y, x); ``targets``: head to (labels (batch, z, y, x), present (batch,)).

    ``soft``: heads that teachers teach to logarithms of probabilities (batch, channels, z, y, x), NaN where none are.
    """

    image: torch.Tensor
    targets: dict[str, tuple[torch.Tensor, torch.Tensor]]
    soft: dict[str, torch.Tensor] = field(default_factory=dict)

    def to(self, device: torch.device) -> Batch:
        """Return the batch on ``device``."""
        targets = {name: (labels.to(device), has.to(device)) for name, (labels, has) in self.targets.items()}
        return Batch(self.image.to(device), targets, {name: logs.to(device) for name, logs in self.soft.items()})


class _NumberedSamples(Dataset[Sample | FedkdError]):
    """Sample ``n`` of the stream; case, cut and noise all come from the seed and ``n``.

    An unusable case is handed over as its error: raised here, the loader would wrap it beyond recognition.
    """

    def __init__(self, cases: PreparedCases, recipe: Recipe) -> None:
        self._cases = cases
        self._recipe = recipe

    def __len__(self) -> int:
        return self._recipe.optimization.steps * self._recipe.optimization.batch_size

    def __getitem__(self, number: int) -> Sample | FedkdError:
        rng = np.random.default_rng([self._recipe.optimization.seed, number])
        try:
            case = self._cases[int(rng.integers(len(self._cases)))]
        except FedkdError as error:
            return error
        return draw_sample(case, self._recipe.stage, self._recipe.sampling, rng)


class Collate:
    """Stack samples; a head that a sample has no label for is marked absent."""

    def __init__(self, heads: Sequence[str]) -> None:
        self._heads = heads

    def __call__(self, drawn: list[Sample | FedkdError]) -> Batch | FedkdError:
        samples = [sample for sample in drawn if isinstance(sample, Sample)]
        if len(samples) < len(drawn):
            return next(error for error in drawn if isinstance(error, FedkdError))
        image = torch.from_numpy(np.stack([sample.image for sample in samples]))
        targets = {}
        for head in self._heads:
            nothing = np.zeros(samples[0].image.shape[1:], np.uint8)
            labels = np.stack([sample.labels.get(head, nothing) for sample in samples])
            present = torch.tensor([head in sample.labels for sample in samples])
            targets[head] = (torch.from_numpy(labels).long(), present)
        return Batch(image, targets, _stack_soft(samples))


def _stack_soft(samples: Sequence[Sample]) -> dict[str, torch.Tensor]:
    """Stack what teachers saw; NaN for a sample without."""
    some = {head: logs for sample in samples for head, logs in sample.soft.items()}
    return {
        head: torch.from_numpy(np.stack([sample.soft.get(head, np.full_like(logs, np.nan)) for sample in samples]))
        for head, logs in some.items()
    }


def stream_batches(cases: PreparedCases, recipe: Recipe, first_step: int, workers: int) -> Iterator[Batch]:
    """Yield the batches of steps ``first_step``, ``first_step + 1``, ... to the last, made in ``workers`` processes.

    Raises:
        FedkdError: a case cannot be used.
    """
    batch_size = recipe.optimization.batch_size
    dataset = _NumberedSamples(cases, recipe)
    options: dict[str, Any] = {"num_workers": workers}
    if workers:
        options |= {"prefetch_factor": 8, "worker_init_fn": _start_worker}
    loader = DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=range(first_step * batch_size, len(dataset)),
        collate_fn=Collate(recipe.trained_heads),
        **options,
    )
    for batch in loader:
        if isinstance(batch, FedkdError):
            raise batch
        yield batch


def _start_worker(_: int) -> None:
    torch.set_num_threads(1)
    # Ctrl-C reaches every process of the terminal; only the training itself answers it, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
