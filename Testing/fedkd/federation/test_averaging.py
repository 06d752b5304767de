"""Each tensor is the mean over the sites that trained it; what cannot be right is left out by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.federation.averaging import SiteUpdate, average, distance, problem_with

BEFORE = {
    "unet.weight": torch.zeros(2, 3),
    "outs.hps.conv.conv.weight": torch.zeros(4),
    "deep_outs.0.ms.conv.conv.bias": torch.zeros(2),
}
PART = {"unet.weight": None, "outs.hps.conv.conv.weight": "hps", "deep_outs.0.ms.conv.conv.bias": "ms"}
VALUES = st.floats(-1e3, 1e3, allow_nan=False, width=32)


def filled(value: float) -> dict[str, torch.Tensor]:
    return {name: torch.full_like(tensor, value) for name, tensor in BEFORE.items()}


@st.composite
def some_updates(draw: st.DrawFn) -> list[SiteUpdate]:
    updates = []
    for number in range(draw(st.integers(1, 5))):
        cases = draw(st.integers(1, 500))
        samples = {head: draw(st.integers(0, cases)) for head in ("hps", "ms")}
        weights = {
            name: torch.from_numpy(draw(arrays(tuple(tensor.shape))))
            for name, tensor in BEFORE.items()
            if name == "unet.weight" or draw(st.booleans())
        }
        updates.append(SiteUpdate(f"site-{number}", weights, samples, cases))
    return updates


def arrays(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    count = int(np.prod(shape))
    return st.lists(VALUES, min_size=count, max_size=count).map(lambda v: np.array(v, np.float32).reshape(shape))


@settings(deadline=None, max_examples=60)
@given(some_updates(), st.randoms(use_true_random=False))
def test_mean_is_weighted_by_the_samples_of_the_label_and_lies_between_the_sites(
    updates: list[SiteUpdate], random: object
) -> None:
    averaged = average(updates, BEFORE)
    assert averaged.refused == {}
    for name, head in PART.items():
        parts = [
            (update.weights[name].double(), update.cases if head is None else update.samples[head])
            for update in updates
            if name in update.weights
        ]
        total = sum(share for _, share in parts)
        if total == 0:
            assert torch.equal(averaged.weights[name], BEFORE[name])
            continue
        expected = sum((value * share for value, share in parts), torch.zeros(1, dtype=torch.float64)) / total
        assert torch.allclose(averaged.weights[name].double(), expected, rtol=1e-5, atol=1e-4)
        counted = torch.stack([value for value, share in parts if share])
        assert bool((averaged.weights[name].double() <= counted.max(dim=0).values + 1e-4).all())
    shuffled = list(updates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = average(shuffled, BEFORE).weights
    assert all(torch.equal(value, averaged.weights[name]) for name, value in again.items())


def test_a_head_that_a_site_has_no_labels_of_does_not_blend_in() -> None:
    trained = SiteUpdate("a", filled(1.0), {"hps": 10, "ms": 0}, 10)
    untouched = SiteUpdate("b", filled(0.3), {"hps": 0, "ms": 30}, 30)
    averaged = average([trained, untouched], BEFORE)
    assert torch.equal(averaged.weights["outs.hps.conv.conv.weight"], torch.ones(4))
    assert torch.allclose(averaged.weights["deep_outs.0.ms.conv.conv.bias"], torch.full((2,), 0.3))
    assert torch.allclose(averaged.weights["unet.weight"], torch.full((2, 3), (10 * 1.0 + 30 * 0.3) / 40))
    assert averaged.trained_by == {"backbone": ("a", "b"), "hps": ("a",), "ms": ("b",)}


def with_tensor(name: str, value: torch.Tensor) -> SiteUpdate:
    return SiteUpdate("bad", {**filled(1.0), name: value}, {"hps": 5, "ms": 5}, 5)


BAD: dict[str, tuple[SiteUpdate, str]] = {
    "nan": (with_tensor("unet.weight", torch.full((2, 3), float("nan"))), "finite"),
    "infinite": (with_tensor("unet.weight", torch.full((2, 3), float("inf"))), "finite"),
    "shape": (with_tensor("unet.weight", torch.zeros(3, 2)), "shape (3, 2) instead of (2, 3)"),
    "broadcastable shape": (with_tensor("unet.weight", torch.zeros(1, 3)), "shape"),
    "integers": (with_tensor("unet.weight", torch.zeros(2, 3, dtype=torch.int64)), "not real numbers"),
    "unknown tensor": (with_tensor("unet.other", torch.zeros(1)), "no tensor unet.other"),
    "no tensors": (SiteUpdate("bad", {}, {"hps": 5}, 5), "no tensors"),
    "no cases": (SiteUpdate("bad", filled(1.0), {}, 0), "0 cases"),
    "negative count": (SiteUpdate("bad", filled(1.0), {"hps": -1}, 5), "-1 samples of hps"),
    "made-up count": (SiteUpdate("bad", filled(1.0), {"hps": 10**9}, 10**9), "samples of"),
    "more labels than cases": (SiteUpdate("bad", filled(1.0), {"hps": 6}, 5), "more labels of hps than cases"),
}


@pytest.mark.parametrize("which", BAD)
def test_what_cannot_be_right_is_left_out_with_its_reason_and_the_others_count(which: str) -> None:
    update, reason = BAD[which]
    good = SiteUpdate("good", filled(2.0), {"hps": 1, "ms": 1}, 1)
    averaged = average([update, good], BEFORE)
    assert reason in averaged.refused["bad"]
    assert all(torch.equal(value, filled(2.0)[name]) for name, value in averaged.weights.items())


def test_sites_with_too_few_cases_do_not_count() -> None:
    small = SiteUpdate("small", filled(9.0), {"hps": 4, "ms": 4}, 4)
    assert problem_with(small, BEFORE, 4) is None
    assert "at least 5" in str(problem_with(small, BEFORE, 5))
    assert torch.equal(average([small], BEFORE, 5).weights["unet.weight"], BEFORE["unet.weight"])


@pytest.mark.parametrize("make", [torch.float16, torch.bfloat16, torch.float32])
def test_number_format_stays_that_of_the_network(make: torch.dtype) -> None:
    update = SiteUpdate("a", {name: value.to(make) for name, value in filled(0.5).items()}, {"hps": 1, "ms": 1}, 1)
    averaged = average([update], BEFORE)
    assert all(value.dtype == torch.float32 for value in averaged.weights.values())
    assert torch.equal(averaged.weights["unet.weight"], torch.full((2, 3), 0.5))


def test_distance_is_euclidean_over_what_both_have() -> None:
    move: Callable[[float], float] = lambda value: distance(filled(value), BEFORE)  # noqa: E731
    assert move(0.0) == 0
    assert move(2.0) == pytest.approx(np.sqrt(12 * 4))
