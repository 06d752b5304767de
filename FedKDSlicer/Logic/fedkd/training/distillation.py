"""What a student learns from its teachers' probabilities."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from fedkd.networks.multi_head import HeadLogits
from fedkd.training.batches import Batch
from fedkd.training.recipe import HeadLoss


class DistillationTerm:
    """Divergence of the student's probabilities from the teachers', both flattened by a temperature.

    ``temperature**2 * KL(teacher || student)``, which keeps the gradients' size whatever the temperature (Hinton,
    Vinyals and Dean 2015, arXiv 1503.02531, section 2). It is the mean over the voxels that the teacher saw, weighted
    by ``1 + (foreground_weight - 1) * p(no background)``, and once more with each class counting alike: else the
    background, which is almost everything, would be all that counts. Coarser levels count as in
    `fedkd.training.losses.MultiHeadLoss`.
    """

    def __init__(self, temperature: float, head_losses: Mapping[str, HeadLoss]) -> None:
        self._temperature = temperature
        self._losses = head_losses

    def __call__(self, batch: Batch, levels: list[HeadLogits]) -> torch.Tensor:
        """Return the term; 0, with its graph whole, for a batch without soft labels."""
        parts = []
        for head, logs in batch.soft.items():
            chosen = self._losses.get(head, HeadLoss())
            for level, logits in enumerate(levels):
                step = 2**level
                teacher = logs[:, :, ::step, ::step, ::step]
                parts.append(chosen.share / step * self._divergence(logits[head].float(), teacher, chosen))
        if not parts:
            return sum((logits.sum() * 0 for logits in levels[0].values()), torch.zeros(()))
        return torch.stack(parts).sum() / sum(1 / 2**level for level in range(len(levels)))

    def _divergence(self, scores: torch.Tensor, logs: torch.Tensor, chosen: HeadLoss) -> torch.Tensor:
        known = torch.isfinite(logs).all(dim=1)
        if not bool(known.any()):
            return scores.sum() * 0
        # Voxels that the teacher did not see: any distribution, as long as it is one; they weigh nothing.
        logs = torch.where(known[:, None], logs, torch.zeros_like(logs))
        teacher = (logs / self._temperature).log_softmax(dim=1)
        student = (scores / self._temperature).log_softmax(dim=1)
        divergence = (teacher.exp() * (teacher - student)).sum(dim=1)
        seen = logs.softmax(dim=1) * known[:, None]
        voxels = known + (chosen.foreground_weight - 1) * (1 - logs.softmax(dim=1)[:, 0]) * known
        # A class that is nowhere in view has no part of its own.
        classes = seen / seen.sum(dim=(0, 2, 3, 4), keepdim=True).clamp(min=1.0)
        parts = (voxels * divergence).sum() / voxels.sum() + (classes.mean(dim=1) * divergence).sum()
        return self._temperature**2 * parts
