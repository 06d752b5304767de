"""Cross-entropy + Dice per head; a head without a label in a case takes no part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from monai.losses.dice import DiceLoss

from fedkd.networks.multi_head import HeadLogits
from fedkd.training.recipe import HeadLoss

Targets = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


class MultiHeadLoss(torch.nn.Module):
    """Sum over heads of share * (cross-entropy + Dice), each mean over the cases that have the label.

    Deep supervision: level ``i`` counts ``1 / 2**i``, as in nnU-Net (the study's weights 1, 1/2, 1/4).
    """

    def __init__(self, heads: Mapping[str, int], head_losses: Mapping[str, HeadLoss]) -> None:
        super().__init__()
        self._shares = {name: head_losses.get(name, HeadLoss()).share for name in heads}
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
            terms.append(term / step)
            weights.append(1 / step)
        return torch.stack(terms).sum() / sum(weights)
