"""Rounds between real processes: what comes back is what the engine alone would make of the same study."""

from __future__ import annotations

import pytest
import torch

from builders.federation_course import SITES, Course
from fedkd.federation.orchestra import Orchestra
from fedkd.federation.place import SitePlace
from fedkd.federation.simulated import SimulatedRounds
from fedkd.federation.site_work import do_task
from fedkd.federation.stage_store import StageStore
from fedkd.federation.tasks_of_study import train_task
from fedkd.federation.training import first_weights
from fedkd.networks import build_network
from fedkd.networks.multi_head import head_of_tensor


def test_all_sites_answer_in_both_rounds(course: Course) -> None:
    for number in (0, 1):
        line = course.round_of("plain", number)
        assert sorted(answer["site"] for answer in line["answers"]) == sorted(SITES)
        assert line["missing"] == {}
        assert line["moved"] > 0


@pytest.mark.usefixtures("one_thread")
def test_each_tensor_is_the_mean_over_the_sites_that_trained_it_by_their_labels(course: Course, tmp_path) -> None:
    study = course.federation.study
    stage = study.train_stage("plain")
    task = train_task(study, stage, 0)
    weights = first_weights(task.recipe)
    counts = {
        "alpha": {None: 2, "hps": 2, "calc": 1},
        "beta": {None: 1, "hps": 1},
        "gamma": {None: 1, "calc": 1, "ms": 1},
    }
    for number in range(stage.rounds):
        task = train_task(study, stage, number)
        sent = {}
        for site in SITES:
            place = SitePlace(site, course.federation.cases(site), tmp_path / site)
            sent[site] = do_task(study, task, weights, place, lambda _: None).weights
        for name in weights:
            shares = {site: counts[site].get(head_of_tensor(name), 0) for site in SITES}
            summed = sum(share * sent[site][name].double() for site, share in shares.items() if share)
            weights[name] = (summed / sum(shares.values())).float()
    kept = StageStore(course.federation.out / "stages" / "plain", study.sha256).read()
    assert kept is not None
    assert kept.rounds == 2
    for name, value in weights.items():
        torch.testing.assert_close(kept.weights[name], value, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("one_thread")
def test_the_engine_alone_makes_the_same_network(course: Course, tmp_path) -> None:
    study = course.federation.study
    places = {site: SitePlace(site, course.federation.cases(site), tmp_path / "work" / site) for site in SITES}
    orchestra = Orchestra(study, SimulatedRounds(study, places), tmp_path / "out", lambda _: None)
    orchestra.run(["plain"])
    alone = orchestra.store_of("plain").read()
    kept = StageStore(course.federation.out / "stages" / "plain", study.sha256).read()
    assert alone is not None
    assert kept is not None
    for name, value in alone.weights.items():
        torch.testing.assert_close(kept.weights[name], value, rtol=1e-3, atol=1e-4)


def test_a_round_sends_and_brings_the_model_once_for_each_site(course: Course) -> None:
    study = course.federation.study
    network = build_network(study.recipe_of(study.train_stage("plain")).stage.network)
    model_bytes = sum(value.numel() * value.element_size() for value in network.parameters())
    traffic = [line for line in course.first.of_kind("traffic") if line["stage"] == "plain"]
    assert len(traffic) == 2
    for line in traffic:
        assert line["sent_bytes"] == len(SITES) * model_bytes
        assert 0 < line["received_bytes"] <= len(SITES) * model_bytes


def test_the_coordinator_sees_counts_of_cases_and_nothing_else_of_them(course: Course) -> None:
    seen = {line["site"]: line["counts"] for line in course.first.of_kind("site_seen")}
    assert set(seen) == set(SITES)
    assert seen["alpha"]["labels"]["calc"] == {"training": 1, "testing": 0}
    everything = [path.read_bytes() for path in course.federation.out.rglob("*") if path.is_file()]
    everything += [str(line).encode() for line in course.first.lines + course.second.lines]
    everything.append(course.first.log.read_bytes())
    for site in SITES:
        for content in everything:
            assert f"{site}-patient-".encode() not in content
            assert f"patients-of-{site}".encode() not in content
