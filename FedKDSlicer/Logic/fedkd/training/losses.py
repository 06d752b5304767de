"""Cross-entropy + Dice per head; a head without a label in a case takes no part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from monai.losses.dice import DiceLoss

from fedkd.networks.multi_head import HeadLogits
from fedkd.training.recipe import HeadLoss

Targets = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


class MultiHeadLoss(torch.nn.Module):
    """Sum over heads of share * (cross-entropy + Dice + where * `where_loss`), over the cases that have the label.

    Deep supervision: level ``i`` counts ``1 / 2**i``, as in nnU-Net (the study's weights 1, 1/2, 1/4).
    """

    def __init__(self, heads: Mapping[str, int], head_losses: Mapping[str, HeadLoss]) -> None:
        super().__init__()
        self._shares = {name: head_losses.get(name, HeadLoss()).share for name in heads}
        self._where = {name: head_losses.get(name, HeadLoss()).where for name in heads}
        # Smoothing by one voxel: for a class that is not in the patch, each false voxel still costs.
        self._dice = DiceLoss(include_background=False, to_onehot_y=True, softmax=True, smooth_nr=1.0, smooth_dr=1.0)
        self._cross_entropies = torch.nn.ModuleDict()
        for name, channels in heads.items():
            weight = torch.ones(channels)
            weight[1:] = head_losses.get(name, HeadLoss()).foreground_weight
            self._cross_entropies[name] = torch.nn.CrossEntropyLoss(weight)

    def forward(self, levels: Sequence[HeadLogits], targets: Targets) -> tuple[torch.Tensor, dict[str, float]]:
        """Return the loss and each head's part.

        Args:
            levels: logits from fine to coarse.
            targets: for each head the labels ``(batch, z, y, x)`` and which cases have them ``(batch,)``, bool.
        """
        parts: dict[str, torch.Tensor] = {}
        for name, (labels, present) in targets.items():
            if bool(present.any()):
                parts[name] = self._head_loss(name, levels, labels, present)
        if not parts:
            # A batch without any label of these heads: nothing to learn, but the graph stays whole.
            zero = sum((logits.sum() * 0 for logits in levels[0].values()), torch.zeros(()))
            return zero, {}
        total = torch.stack([self._shares[name] * part for name, part in parts.items()]).sum()
        return total, {name: float(part.detach()) for name, part in parts.items()}

    def _head_loss(
        self, name: str, levels: Sequence[HeadLogits], labels: torch.Tensor, present: torch.Tensor
    ) -> torch.Tensor:
        terms, weights = [], []
        for level, logits in enumerate(levels):
            step = 2**level
            target = labels[present][:, ::step, ::step, ::step]
            scores = logits[name][present].float()
            term = self._cross_entropies[name](scores, target) + self._dice(scores, target[:, None])
            if self._where[name]:
                term = term + self._where[name] * where_loss(scores, target)
            terms.append(term / step)
            weights.append(1 / step)
        return torch.stack(terms).sum() / sum(weights)


def where_loss(scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over voxels: for each class in view, where is it?

    Among a quarter of a million voxels a ball of a hundred hardly moves the per-voxel cross-entropy; asked as
    one question over all voxels, it does from the first step. Chance is ln(voxels), a perfect ball ln(its size).

    Args:
        scores: logits (batch, channels, z, y, x), channel 0 background.
        target: labels (batch, z, y, x).
    """
    against_background = (scores[:, 1:] - scores[:, :1]).flatten(2)
    masks = torch.stack([target == channel for channel in range(1, scores.shape[1])], dim=1).flatten(2).float()
    sizes = masks.sum(dim=2)
    log_share = against_background.log_softmax(dim=2)
    losses = -(masks * log_share).sum(dim=2) / sizes.clamp(min=1)
    in_view = sizes > 0
    return losses[in_view].mean() if bool(in_view.any()) else losses.sum()
