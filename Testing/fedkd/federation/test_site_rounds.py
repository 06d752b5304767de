"""A site's share of a training round: what it learns from, what leaves it, and what stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from builders.federation_sites import kept_names, place, study, train_stage, training_names, write_phantom
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import SiteUpdate, average, distance
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.site_data import survey_site
from fedkd.federation.site_work import do_task
from fedkd.federation.study_file import StudyFile
from fedkd.federation.tasks_of_study import collect_task, train_task
from fedkd.models.package import weights_of
from fedkd.networks import build_network
from fedkd.networks.multi_head import head_of_tensor
from fedkd.progress import silent

Weights = dict[str, torch.Tensor]


def first_weights(found: StudyFile, stage: str = "fed") -> Weights:
    torch.manual_seed(0)
    recipe = found.recipe_of(found.train_stage(stage))
    return {name: value.clone() for name, value in weights_of(build_network(recipe.stage.network)).items()}


def answer_of(
    found: StudyFile, sites: Path, site: str, weights: Weights, stage: str = "fed", number: int = 0
) -> SiteAnswer:
    task = train_task(found, found.train_stage(stage), number)
    return do_task(found, task, weights, place(site, sites), silent)


def one_stage(**options: Any) -> StudyFile:
    return study([train_stage(**options)])


def test_only_tensors_that_learned_leave_with_the_counts_of_their_labels(sites: Path) -> None:
    found = one_stage()
    weights = first_weights(found)
    answer = answer_of(found, sites, "a", weights)
    assert answer.reply.samples == {"hps": 2, "ms": 0, "calc": 1}
    assert answer.reply.cases == 2
    heads = {head_of_tensor(name) for name in answer.weights}
    assert heads == {None, "hps", "calc"}
    assert distance(answer.weights, weights) > 0
    assert set(answer.reply.losses) == {"hps", "calc"}
    # Numbers only: neither a path nor the name of a case.
    text = answer.reply.model_dump_json()
    assert not any(name in text for name in (*training_names(3), *kept_names(1), str(sites)))


def test_same_task_gives_the_same_tensors_and_another_round_or_site_others(sites: Path) -> None:
    found = one_stage(heads=["hps"])
    weights = first_weights(found)
    first, again, later = (answer_of(found, sites, "a", weights, number=number).weights for number in (0, 0, 1))
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert distance(first, later) > 0


def test_site_without_the_label_declines(sites: Path) -> None:
    found = one_stage(heads=["hps"])
    answer = answer_of(found, sites, "b", first_weights(found))
    assert "0 cases" in answer.reply.declined
    assert answer.weights == {}
    few = study([train_stage(heads=["hps"])], participation={"fewest_cases": 3})
    assert "at least 3" in answer_of(few, sites, "a", first_weights(few)).reply.declined


def test_cases_kept_for_testing_never_teach(sites: Path) -> None:
    counts = survey_site(sites / "cases" / "a").counts
    assert (counts.cases, counts.kept_for_testing, counts.unlabeled) == (4, 1, 1)
    assert counts.labels["hps"].model_dump() == {"training": 2, "testing": 1}
    assert counts.labels["calc"].model_dump() == {"training": 1, "testing": 1}
    assert counts.labels["ms"].model_dump() == {"training": 0, "testing": 0}


def test_frozen_backbone_stays_at_home(sites: Path) -> None:
    found = study([train_stage(), train_stage("tuned", start_from="fed", trained="heads")])
    weights = first_weights(found)
    answer = answer_of(found, sites, "a", weights, "tuned")
    assert {head_of_tensor(name) for name in answer.weights} == {"hps", "calc"}


def test_fedprox_holds_a_site_near_the_common_network(sites: Path) -> None:
    moved = {}
    for mu in (0.0, 50.0):
        aggregation = {"kind": "fedprox", "mu": mu} if mu else {"kind": "fedavg"}
        found = one_stage(heads=["hps"], steps=6, aggregation=aggregation)
        weights = first_weights(found)
        moved[mu] = distance(answer_of(found, sites, "a", weights).weights, weights)
    assert moved[50.0] < 0.9 * moved[0.0]


def test_shared_backbone_leaves_and_heads_stay_until_they_are_collected(sites: Path, tmp_path: Path) -> None:
    found = one_stage(aggregation={"kind": "selective"})
    (tmp_path / "cases").symlink_to(sites / "cases")
    weights = first_weights(found)
    first = answer_of(found, tmp_path, "a", weights)
    assert {head_of_tensor(name) for name in first.weights} == {None}
    kept = list((tmp_path / "work" / "a").rglob("*.safetensors"))
    assert len(kept) == 1
    before = do_task(found, collect_task(found, found.train_stage("fed")), {}, place("a", tmp_path), silent)
    second = answer_of(found, tmp_path, "a", {**weights, **first.weights}, number=1)
    after = do_task(found, collect_task(found, found.train_stage("fed")), {}, place("a", tmp_path), silent)
    # In the second round the heads went on from where the first one left them, not from those that came.
    assert 0 < distance(after.weights, before.weights) < distance(after.weights, weights)
    assert {head_of_tensor(name) for name in after.weights} == {"hps", "calc"}
    assert after.reply.samples == {"calc": 1, "hps": 2}
    joined = average([after.as_update(), SiteUpdate("b", second.weights, {}, 1)], weights)
    assert torch.equal(joined.weights["outs.hps.conv.conv.weight"], after.weights["outs.hps.conv.conv.weight"])
    nothing = do_task(found, collect_task(found, found.train_stage("fed")), {}, place("b", tmp_path), silent)
    assert nothing.reply.declined


@pytest.mark.parametrize("wrong", ["missing", "shape"])
def test_tensors_that_do_not_fit_are_refused(sites: Path, wrong: str) -> None:
    found = one_stage()
    weights = first_weights(found)
    name = next(iter(weights))
    if wrong == "missing":
        del weights[name]
    else:
        weights[name] = torch.zeros(1)
    with pytest.raises(FedkdError) as caught:
        answer_of(found, sites, "a", weights)
    assert caught.value.code == ExitCode.TASK_REFUSED


def test_broken_cases_are_refused_with_reasons_and_the_others_count(tmp_path: Path) -> None:
    good, bad_points, bad_ct, study_layout = training_names(4, "x")
    for number, name in enumerate((good, bad_points, bad_ct, study_layout)):
        write_phantom(tmp_path / name, 400 + number, ("hps",))
    (tmp_path / bad_ct / "ct.nii.gz").write_bytes(b"not a CT")
    (tmp_path / study_layout / "landmarks.mrk.json").unlink()
    point = "<point><specification>0</specification><id>{0}</id><x>9999</x><y>0</y><z>0</z></point>"
    points = "".join(point.format(number) for number in range(5))
    series = f"<point_set><time_series><time_series_id>0</time_series_id>{points}</time_series></point_set>"
    (tmp_path / study_layout / "hps.mps").write_text(
        f"<point_set_file><file_version>0.1</file_version>{series}</point_set_file>"
    )
    (tmp_path / bad_points / "landmarks.mrk.json").write_text("{")
    survey = survey_site(tmp_path)
    assert [one.case.case_id for one in survey.usable] == [good]
    reasons = {one.case: one.reason for one in survey.refused}
    assert set(reasons) == {bad_points, bad_ct, study_layout}
    assert "outside the CT" in reasons[study_layout]
    (tmp_path / good / "ct.nii.gz").unlink()
    with pytest.raises(FedkdError) as caught:
        survey_site(tmp_path)
    assert caught.value.code == ExitCode.TRAINING_DATA_INVALID
