"""The epsilon of releases, by opacus: numbers of others, and what any accountant must obey."""

from __future__ import annotations

import math

import pytest

from fedkd.federation.privacy_ledger import Release, epsilon_of


def test_one_gaussian_release_costs_what_renyi_divergences_say() -> None:
    # Without sampling: the Renyi divergence of order a is a / (2 noise^2) (Mironov 2017, arXiv 1702.07476, proposition
    # 7); the bound on epsilon is the least over the orders (Balle et al. 2020, arXiv 1905.09982, theorem 21).
    noise, delta = 4.0, 1e-5
    orders = [1 + x / 10 for x in range(1, 100)] + list(range(12, 64))
    bounds = [a / (2 * noise**2) + math.log1p(-1 / a) - (math.log(delta) + math.log(a)) / (a - 1) for a in orders]
    assert epsilon_of([Release(noise, 1.0, 1)], delta) == pytest.approx(min(bounds), rel=0.01)


def test_more_steps_less_noise_and_fewer_cases_cost_more() -> None:
    base = epsilon_of([Release(1.0, 0.05, 100)], 1e-5)
    assert epsilon_of([Release(1.0, 0.05, 200)], 1e-5) > base
    assert epsilon_of([Release(1.5, 0.05, 100)], 1e-5) < base
    assert epsilon_of([Release(1.0, 0.5, 100)], 1e-5) > 2 * base
    assert epsilon_of([Release(1.0, 0.05, 60), Release(1.0, 0.05, 40)], 1e-5) == pytest.approx(base)
