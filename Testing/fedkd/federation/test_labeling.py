"""A teacher labels what no person labeled: beside the cases, never over them, and again only where it must."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from builders.federation_sites import RECIPE, kept_names, study, train_stage, training_names
from fedkd.evaluation.evaluate import true_positions
from fedkd.federation import looks
from fedkd.federation.label_work import label_cases
from fedkd.federation.place import SitePlace
from fedkd.federation.replies import SiteReply
from fedkd.federation.study_file import StudyFile
from fedkd.federation.task import LabelTask
from fedkd.federation.tasks_of_study import label_tasks, train_task
from fedkd.federation.teaching_cases import teaching_cases
from fedkd.federation.train_work import train_round
from fedkd.models import load_model
from fedkd.models.package import weights_of
from fedkd.networks import build_network
from fedkd.phantom.patient import draw_patient
from fedkd.progress import silent
from fedkd.training.soft_labels import read_soft_label


def teaching_study(*, soft: bool = False) -> StudyFile:
    targets = {"targets": "soft", "temperature": 2.0} if soft else {}
    return study(
        [
            train_stage("teacher", recipe="student"),
            {"kind": "label", "name": "pseudo", "teachers": {"hps": "teacher", "ms": "teacher"}, "keep_logits": soft},
            train_stage("fed", labels="pseudo", distillation=targets),
            train_stage("both", labels="human+pseudo"),
        ],
        recipes={"student": "student", "unet": RECIPE},
    )


def task_of(found: StudyFile) -> LabelTask:
    (task,) = label_tasks(found, found.stages[1]).values()  # type: ignore[arg-type]
    return task


@pytest.fixture(scope="module")
def teacher() -> dict[str, torch.Tensor]:
    """The embedded model's student: a teacher that finds what there is."""
    return weights_of(load_model().network)


@pytest.fixture(scope="module")
def labeled(
    sites: Path, teacher: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory
) -> tuple[SitePlace, SiteReply, bytes]:
    """Site b after its labeling with logits kept; the last is a hash of its cases before."""
    before = hash_of_folder(sites / "cases" / "b")
    where = SitePlace("b", sites / "cases" / "b", tmp_path_factory.mktemp("work"))
    answer = label_cases(task_of(teaching_study(soft=True)), teacher, where, silent)
    assert answer.weights == {}
    return where, answer.reply, before


def hash_of_folder(folder: Path) -> bytes:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.digest()


def test_every_ct_that_may_teach_gets_the_labels_that_people_did_not_draw(
    labeled: tuple[SitePlace, SiteReply, bytes],
) -> None:
    where, reply, before = labeled
    # b has labels of the septum in two of its three training cases, and of hinge points in none.
    assert reply.cases == 3
    assert reply.samples["hps"] + reply.samples["ms"] + sum(reply.not_labeled.values()) == 4
    assert reply.samples["hps"] >= 2
    assert hash_of_folder(where.cases) == before
    names = {
        path.name for path in where.stage_folder(task_of(teaching_study(soft=True)).study_sha256, "pseudo").iterdir()
    }
    assert names == set(training_names(3))
    assert kept_names(1)[0] not in names


def test_pseudo_labels_are_near_the_truth(labeled: tuple[SitePlace, SiteReply, bytes]) -> None:
    where, reply, _ = labeled
    cases = teaching_cases(
        train_task(teaching_study(soft=True), teaching_study(soft=True).train_stage("both"), 0), where
    )
    errors = []
    for number, name in enumerate(training_names(3)):
        truth = draw_patient(200 + number).landmarks_lps_mm()
        case = next(one.case for one in cases if one.case.case_id == name)
        found = true_positions(case)
        errors += [
            float(np.linalg.norm(found[label] - truth[label])) for label in ("RCC", "LCC", "NCC") if label in found
        ]
    assert len(errors) == 3 * reply.samples["hps"]
    assert np.median(errors) < 6.0


def test_human_labels_come_first_and_pseudo_alone_leaves_them_out(labeled: tuple[SitePlace, SiteReply, bytes]) -> None:
    where, reply, _ = labeled
    found = teaching_study(soft=True)
    both = teaching_cases(train_task(found, found.train_stage("both"), 0), where)
    human = [one for one in both if "ms" in one.heads and "pseudo" not in str(one.case.ms)]
    assert len(human) == 2
    assert all(str(where.cases) in str(one.case.ms) for one in human)
    assert sum("hps" in one.heads for one in both) == reply.samples["hps"]
    pseudo = teaching_cases(train_task(found, found.train_stage("fed"), 0), where)
    assert sum("ms" in one.heads for one in pseudo) == reply.samples["ms"]
    assert all(one.case.ms is None or str(where.work) in str(one.case.ms) for one in pseudo)


def test_kept_logits_are_probabilities_and_teach_softly(labeled: tuple[SitePlace, SiteReply, bytes]) -> None:
    where, _, _ = labeled
    found = teaching_study(soft=True)
    task = train_task(found, found.train_stage("fed"), 0)
    cases = teaching_cases(task, where)
    path = next(one.case.soft["hps"] for one in cases if "hps" in one.heads)
    logs = read_soft_label(path, 6).log_probabilities.astype(np.float32)
    assert np.allclose(np.exp(logs).sum(axis=0), 1, atol=0.01)
    network = build_network(task.recipe.stage.network)
    answer = train_round(task, weights_of(network), where, silent)
    assert set(answer.reply.losses) == {"teachers"}
    assert answer.reply.samples["hps"] == sum("hps" in one.heads for one in cases)


def test_nobody_looks_twice_with_the_same_teacher_and_always_with_another(
    labeled: tuple[SitePlace, SiteReply, bytes],
    teacher: dict[str, torch.Tensor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where, reply, _ = labeled
    work = tmp_path / "work"
    shutil.copytree(where.work, work)
    looked: list[str] = []
    look = looks.Looker.look

    def counted(self: looks.Looker, case: object) -> looks.Look:
        looked.append(case.case_id)  # type: ignore[attr-defined]
        return look(self, case)  # type: ignore[arg-type]

    monkeypatch.setattr(looks.Looker, "look", counted)
    task = task_of(teaching_study(soft=True))
    again = label_cases(task, teacher, SitePlace("b", where.cases, work), silent).reply
    assert looked == []
    assert (again.samples, again.not_labeled) == (reply.samples, reply.not_labeled)
    # Killed after one case, or with a note that was damaged: that one alone is due.
    first = training_names(3)[0]
    copy = SitePlace("b", where.cases, work)
    (copy.stage_folder(task.study_sha256, "pseudo") / first / "pseudo.json").write_text("{")
    label_cases(task, teacher, SitePlace("b", where.cases, work), silent)
    assert looked == [first]
    changed = {name: value + 1e-6 for name, value in teacher.items()}
    label_cases(task, changed, SitePlace("b", where.cases, work), silent)
    assert sorted(looked[1:]) == sorted(training_names(3))
