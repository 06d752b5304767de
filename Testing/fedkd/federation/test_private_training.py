"""Hiding single cases: what is added, what is cut, what is written down, and when a site stays away."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from builders.federation_sites import place, study, train_stage
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation import privacy_ledger
from fedkd.federation.averaging import distance
from fedkd.federation.place import SitePlace
from fedkd.federation.privacy_ledger import PrivacyLedger, Release
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.site_work import do_task
from fedkd.federation.study_file import StudyFile
from fedkd.federation.tasks_of_study import train_task
from fedkd.models.package import weights_of
from fedkd.networks import build_network
from fedkd.progress import silent


def private_study(noise: float = 1.0, clip: float = 1.0, most_epsilon: float = 100.0, steps: int = 2) -> StudyFile:
    differential = {"noise": noise, "clip": clip, "most_epsilon": most_epsilon}
    return study([train_stage(heads=["hps"], steps=steps)], privacy={"differential": differential})


def first_weights(found: StudyFile) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    recipe = found.recipe_of(found.train_stage("fed"))
    return {name: value.clone() for name, value in weights_of(build_network(recipe.stage.network)).items()}


def trained(found: StudyFile, sites: Path, work: Path, number: int = 0) -> SiteAnswer:
    where = SitePlace("a", sites / "cases" / "a", work)
    return do_task(found, train_task(found, found.train_stage("fed"), number), first_weights(found), where, silent)


@pytest.fixture
def counted_epsilon(monkeypatch: pytest.MonkeyPatch) -> list[list[Release]]:
    """An accountant that counts steps: opacus is installed with the federation only, where its numbers are tested."""
    asked: list[list[Release]] = []

    def epsilon_of(releases: list[Release], delta: float) -> float:
        asked.append(releases)
        return float(sum(one.steps for one in releases))

    monkeypatch.setattr(privacy_ledger, "epsilon_of", epsilon_of)
    return asked


def test_noise_is_not_that_of_the_tasks_seed_and_losses_stay(
    sites: Path, tmp_path: Path, counted_epsilon: list[list[Release]]
) -> None:
    found = private_study()
    first, second = (trained(found, sites, tmp_path / name) for name in ("one", "two"))
    assert distance(first.weights, second.weights) > 0
    assert first.reply.losses == {}
    assert first.reply.epsilon == 2.0
    # One of two cases takes part in a step on average.
    assert counted_epsilon[0] == [Release(1.0, 0.5, 2)]


def test_gradients_are_cut_and_noise_grows_with_the_cut(
    sites: Path, tmp_path: Path, counted_epsilon: list[list[Release]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fedkd.training.learner import Learner

    lengths: list[float] = []

    def measured(self: Learner, _step: int) -> None:
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        lengths.append(float(torch.sqrt(torch.stack([(g.double() ** 2).sum() for g in gradients]).sum())))

    monkeypatch.setattr(Learner, "advance", measured)
    size = sum(value.numel() for value in first_weights(private_study()).values())
    trained(private_study(noise=1e-6, clip=1e-3, steps=6), sites, tmp_path / "cut")
    # Two cases of a length of at most 0.001 each, divided by the one that takes part on average.
    assert max(lengths) <= 2.001e-3
    assert max(lengths) > 0
    lengths.clear()
    trained(private_study(noise=10.0, clip=2.0), sites, tmp_path / "noise")
    expected = 10.0 * 2.0 * size**0.5
    assert all(0.9 * expected < length < 1.1 * expected for length in lengths)


def test_site_that_would_spend_too_much_declines_before_it_learns(
    sites: Path, tmp_path: Path, counted_epsilon: list[list[Release]]
) -> None:
    found = private_study(most_epsilon=3.0)
    assert trained(found, sites, tmp_path).reply.declined == ""
    refused = trained(found, sites, tmp_path, number=1)
    assert "with 2 cases this round would spend an epsilon of 4.00 in all; the study allows 3" in refused.reply.declined
    assert refused.weights == {}
    # Refused rounds cost nothing.
    assert PrivacyLedger(tmp_path, found.sha256).epsilon_with(Release(1.0, 0.5, 1), 1e-5) == 3.0


def test_damaged_ledger_stops_the_site(sites: Path, tmp_path: Path, counted_epsilon: list[list[Release]]) -> None:
    found = private_study()
    trained(found, sites, tmp_path)
    (ledger,) = tmp_path.rglob("privacy.json")
    ledger.write_text("{}}")
    with pytest.raises(FedkdError) as caught:
        trained(found, sites, tmp_path)
    assert caught.value.code == ExitCode.INPUT_UNREADABLE


def test_without_an_accountant_nothing_is_trained(sites: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opacus.accountants", None)
    with pytest.raises(FedkdError) as caught:
        trained(private_study(), sites, tmp_path)
    assert caught.value.code == ExitCode.DEPENDENCY_MISSING
    assert not place("a", tmp_path).work.exists()
