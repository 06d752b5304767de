"""Whole studies over small sites in one process: the order of things, faults, and going on after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from builders.federation_sites import place, study, train_stage
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Weights, distance
from fedkd.federation.messages import AnyMessage, RoundLine, StageLine
from fedkd.federation.orchestra import Orchestra
from fedkd.federation.rounds import RoundJob, RoundResult, SiteAnswer
from fedkd.federation.simulated import SimulatedRounds
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import StudyFile
from fedkd.federation.training import first_weights

Change = Callable[[int, RoundJob, RoundResult], RoundResult]


class FaultyRounds:
    """Rounds in one process, whose results are changed on their way back."""

    def __init__(self, found: StudyFile, sites: Path, work: Path, change: Change | None = None) -> None:
        if not (work / "cases").exists():
            (work / "cases").symlink_to(sites / "cases")
        self._rounds = SimulatedRounds(found, {site.id: place(site.id, work) for site in found.sites})
        self._change = change
        self.jobs: list[RoundJob] = []

    def run(self, job: RoundJob, weights: Weights) -> RoundResult:
        self.jobs.append(job)
        result = self._rounds.run(job, weights)
        return result if self._change is None else self._change(len(self.jobs), job, result)


class Killed(BaseException):
    """What a kill is to this process."""


def run(found: StudyFile, rounds: FaultyRounds, folder: Path, only: list[str] | None = None) -> list[AnyMessage]:
    told: list[AnyMessage] = []
    Orchestra(found, rounds, folder, told.append).run(only)
    return told


def kept_in(found: StudyFile, folder: Path, stage: str = "fed", name: str = "network") -> dict[str, torch.Tensor]:
    kept = StageStore(folder / "stages" / stage, found.sha256).read(name)
    assert kept is not None
    return kept.weights


def without(site: str) -> Change:
    def change(_number: int, _job: RoundJob, result: RoundResult) -> RoundResult:
        left = tuple(one for one in result.answers if one.reply.site != site)
        return RoundResult(left, {**result.missing, site: "it was switched off"})

    return change


def spoiling(site: str, spoil: Callable[[torch.Tensor], torch.Tensor]) -> Change:
    def change(_number: int, _job: RoundJob, result: RoundResult) -> RoundResult:
        answers = tuple(
            SiteAnswer(one.reply, {name: spoil(value) for name, value in one.weights.items()})
            if one.reply.site == site
            else one
            for one in result.answers
        )
        return RoundResult(answers, result.missing)

    return change


def quorum_of(number: int, tries: int = 2) -> dict[str, Any]:
    return {"participation": {"quorum": number, "tries": tries}}


def test_heads_learn_at_the_sites_that_have_their_labels_and_the_rest_stays(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage(rounds=1)])
    rounds = FaultyRounds(found, sites, tmp_path)
    told = run(found, rounds, tmp_path / "out")
    (line,) = [one for one in told if isinstance(one, RoundLine)]
    assert {answer.site: answer.samples for answer in line.answers} == {
        "a": {"hps": 2, "ms": 0, "calc": 1},
        "b": {"hps": 0, "ms": 2, "calc": 0},
    }
    assert rounds.jobs[0].sites == ("a", "b")
    assert line.moved is not None
    assert line.moved > 0
    assert [one.state for one in told if isinstance(one, StageLine)] == ["started", "done"]


@pytest.mark.parametrize("kind", ["fedavg", "sequential", "selective", "local"])
def test_killed_anywhere_it_goes_on_and_ends_where_an_unbroken_run_does(sites: Path, tmp_path: Path, kind: str) -> None:
    found = study([train_stage(steps=1, aggregation={"kind": kind})])
    whole = FaultyRounds(found, sites, tmp_path)
    run(found, whole, tmp_path / "whole")

    def kill(number: int, _job: RoundJob, result: RoundResult) -> RoundResult:
        if number == 2:
            raise Killed
        return result

    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(Killed):
        run(found, FaultyRounds(found, sites, other, kill), tmp_path / "broken")
    rest = FaultyRounds(found, sites, other)
    run(found, rest, tmp_path / "broken")
    # The round that was cut short is made again; the finished one is not.
    assert len(rest.jobs) == len(whole.jobs) - 1
    names = ("a", "b") if kind == "local" else ("network",)
    for name in names:
        first, second = (kept_in(found, tmp_path / folder, name=name) for folder in ("whole", "broken"))
        # Heads that stay at a site have gone on from the round that was cut short.
        if kind != "selective":
            assert distance(first, second) < 1e-4
    assert run(found, FaultyRounds(found, sites, other), tmp_path / "broken")[0].state == "skipped"  # type: ignore[union-attr]


def test_site_that_is_away_is_missed_and_the_quorum_goes_on(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage()], **quorum_of(1))
    told = run(found, FaultyRounds(found, sites, tmp_path, without("b")), tmp_path / "out")
    lines = [one for one in told if isinstance(one, RoundLine)]
    assert [line.missing for line in lines] == [{"b": "it was switched off"}] * 2


def test_too_few_answers_stop_the_study_after_some_tries_and_what_was_finished_stays(
    sites: Path, tmp_path: Path
) -> None:
    found = study([train_stage()], **quorum_of(2))
    state = {"away": False}

    def leave(number: int, job: RoundJob, result: RoundResult) -> RoundResult:
        state["away"] = number > 1
        return without("b")(number, job, result) if state["away"] else result

    rounds = FaultyRounds(found, sites, tmp_path, leave)
    with pytest.raises(FedkdError) as caught:
        run(found, rounds, tmp_path / "out")
    assert caught.value.code == ExitCode.ROUND_FAILED
    assert "b: it was switched off" in caught.value.what
    assert len(rounds.jobs) == 1 + 2
    back = FaultyRounds(found, sites, tmp_path)
    run(found, back, tmp_path / "out")
    assert [job.task.round for job in back.jobs] == [1]


@pytest.mark.parametrize("what", ["nan", "shape"])
def test_site_that_sends_nonsense_is_left_out_by_name(sites: Path, tmp_path: Path, what: str) -> None:
    spoil = (lambda value: value * float("nan")) if what == "nan" else (lambda value: value[None])
    found = study([train_stage(rounds=1)], **quorum_of(1))
    told = run(found, FaultyRounds(found, sites, tmp_path, spoiling("b", spoil)), tmp_path / "out")
    (line,) = [one for one in told if isinstance(one, RoundLine)]
    assert list(line.refused) == ["b"]
    assert all(bool(torch.isfinite(value).all()) for value in kept_in(found, tmp_path / "out").values())
    strict = study([train_stage(rounds=1)], **quorum_of(2))
    with pytest.raises(FedkdError, match="Too few sites answered"):
        run(strict, FaultyRounds(strict, sites, tmp_path, spoiling("b", spoil)), tmp_path / "strict")


def test_label_that_nobody_has_stops_its_stage(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage(heads=["hps"])], sites=("b", "h"))
    with pytest.raises(FedkdError, match="No site has labels"):
        run(found, FaultyRounds(found, sites, tmp_path), tmp_path / "out")


def test_held_out_site_is_evaluated_after_every_round_and_never_asked_to_train(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage(evaluate_every=1)])
    rounds = FaultyRounds(found, sites, tmp_path)
    told = run(found, rounds, tmp_path / "out")
    kinds = [(job.task.kind, job.sites) for job in rounds.jobs]
    assert kinds == [("train", ("a", "b")), ("evaluate", ("a", "b", "h"))] * 2
    evaluated = [one for one in told if isinstance(one, RoundLine) and one.kind == "evaluate"]
    counts = [{answer.site: len(answer.evaluated) for answer in line.answers} for line in evaluated]
    # Of the sites that train one case each is kept for testing; of the held-out one both are unseen.
    assert counts == [{"a": 1, "b": 1, "h": 2}] * 2


def test_stage_needs_the_stages_before_it_and_a_folder_holds_one_study(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage(rounds=1), train_stage("tuned", start_from="fed", trained="heads", rounds=1)])
    rounds = FaultyRounds(found, sites, tmp_path)
    with pytest.raises(FedkdError, match="needs fed, not yet finished"):
        run(found, rounds, tmp_path / "out", ["tuned"])
    with pytest.raises(FedkdError, match="no stage other"):
        run(found, rounds, tmp_path / "out", ["other"])
    run(found, rounds, tmp_path / "out", ["fed"])
    run(found, rounds, tmp_path / "out")
    before, after = (kept_in(found, tmp_path / "out", stage) for stage in ("fed", "tuned"))
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith(("outs.", "deep_outs.")) for name in changed)
    another = study([train_stage(rounds=2)])
    with pytest.raises(FedkdError, match="holds another study"):
        Orchestra(another, rounds, tmp_path / "out", print)


def test_damaged_network_of_a_stage_is_named(sites: Path, tmp_path: Path) -> None:
    found = study([train_stage(rounds=1)])
    rounds = FaultyRounds(found, sites, tmp_path)
    run(found, rounds, tmp_path / "out")
    (tmp_path / "out" / "stages" / "fed" / "network.safetensors").write_bytes(b"nonsense")
    with pytest.raises(FedkdError) as caught:
        kept_in(found, tmp_path / "out")
    assert caught.value.code == ExitCode.INPUT_UNREADABLE


def test_a_stage_begins_with_the_same_network_in_whatever_order_its_heads_are_listed() -> None:
    found = study([train_stage(rounds=1)])
    recipe = found.recipe_of(found.train_stage("fed"))
    assert len(recipe.stage.network.heads) > 1
    turned = dict(reversed(recipe.stage.network.heads.items()))
    network = recipe.stage.network.model_copy(update={"heads": turned})
    other = recipe.model_copy(update={"stage": recipe.stage.model_copy(update={"network": network})})
    one, two = first_weights(recipe), first_weights(other)
    assert set(one) == set(two)
    assert all(torch.equal(value, two[name]) for name, value in one.items())
