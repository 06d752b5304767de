"""A head without a label takes no part; perfect logits cost nearly nothing."""

from __future__ import annotations

import torch

from fedkd.training.losses import MultiHeadLoss, where_loss
from fedkd.training.recipe import HeadLoss

HEADS = {"hps": 3, "calc": 2}


def labels_and_logits() -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.zeros(2, 8, 8, 8, dtype=torch.long)
    labels[:, 2:4, 2:4, 2:4] = 1
    labels[:, 5:7, 5:7, 5:7] = 2
    return labels, torch.nn.functional.one_hot(labels, 3).permute(0, 4, 1, 2, 3).float() * 30


def test_right_logits_cost_nearly_nothing_and_wrong_ones_much() -> None:
    labels, logits = labels_and_logits()
    loss = MultiHeadLoss({"hps": 3}, {"hps": HeadLoss(foreground_weight=20)})
    targets = {"hps": (labels, torch.tensor([True, True]))}
    assert loss([{"hps": logits}], targets)[0] < 1e-3
    assert loss([{"hps": logits.flip(1)}], targets)[0] > 1


def test_unlabeled_heads_and_cases_get_no_gradient() -> None:
    labels, _ = labels_and_logits()
    hps = torch.randn(2, 3, 8, 8, 8, requires_grad=True)
    calc = torch.randn(2, 2, 8, 8, 8, requires_grad=True)
    targets = {
        "hps": (labels, torch.tensor([True, False])),
        "calc": (torch.zeros_like(labels), torch.tensor([False, False])),
    }
    loss, parts = MultiHeadLoss(HEADS, {})([{"hps": hps, "calc": calc}], targets)
    loss.backward()
    assert set(parts) == {"hps"}
    assert calc.grad is None
    assert hps.grad is not None
    assert hps.grad[0].abs().sum() > 0
    assert hps.grad[1].abs().sum() == 0


def test_batch_without_any_label_is_harmless() -> None:
    labels, _ = labels_and_logits()
    hps = torch.randn(2, 3, 8, 8, 8, requires_grad=True)
    loss, parts = MultiHeadLoss({"hps": 3}, {})([{"hps": hps}], {"hps": (labels, torch.tensor([False, False]))})
    loss.backward()
    assert float(loss.detach()) == 0
    assert parts == {}


def test_coarser_levels_count_half_as_much_each() -> None:
    labels, logits = labels_and_logits()
    loss = MultiHeadLoss({"hps": 3}, {})
    targets = {"hps": (labels, torch.tensor([True, True]))}
    wrong = torch.zeros(2, 3, 4, 4, 4)
    both = loss([{"hps": logits}, {"hps": wrong}], targets)[0]
    coarse_only = loss([{"hps": wrong}], {"hps": (labels[:, ::2, ::2, ::2], targets["hps"][1])})[0]
    assert torch.allclose(both, coarse_only / 3, atol=1e-3)


def test_where_loss_falls_from_chance_to_the_size_of_the_ball() -> None:
    labels, logits = labels_and_logits()
    chance = where_loss(torch.zeros_like(logits), labels)
    assert torch.allclose(chance, torch.log(torch.tensor(8.0**3)), atol=1e-4)
    assert torch.allclose(where_loss(logits, labels), torch.log(torch.tensor(8.0)), atol=1e-3)
    assert where_loss(logits, torch.zeros_like(labels)) == 0
