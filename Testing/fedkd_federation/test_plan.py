"""The plan between Fed-BioMed and the engine: the network that came is the network that trains."""

from __future__ import annotations

import pytest
import torch
from fedbiomed.common.training_args import TrainingArgs

from builders.federation_sites import study, train_stage
from fedkd.federation.tasks_of_study import train_task
from fedkd.models.package import weights_of
from fedkd_federation.plan import TASK_KEY
from fedkd_federation.study_plan import StudyPlan

STUDY = study([train_stage()], ("alpha",))


@pytest.fixture
def plan() -> StudyPlan:
    task = train_task(STUDY, STUDY.train_stage("fed"), 0)
    made = StudyPlan()
    arguments = TrainingArgs({"loader_args": {"batch_size": 1}, "optimizer_args": {}, "epochs": 1}, only_required=False)
    made.post_init(model_args={TASK_KEY: task.model_dump_json()}, training_args=arguments)
    return made


def test_tensors_that_came_are_not_overwritten_by_those_of_a_fresh_network(plan: StudyPlan) -> None:
    came = {name: torch.full_like(value, 0.25) for name, value in weights_of(plan.model()).items()}
    fresh = plan.get_model_params(only_trainable=False, exclude_buffers=False)
    # What Fed-BioMed's node does: names of a fresh network, second ones among them, under those that came.
    assert set(fresh) > set(came)
    plan.set_model_params({**fresh, **came})
    for name, value in weights_of(plan.model()).items():
        assert bool((value == 0.25).all()), name


def test_the_text_that_is_approved_has_nothing_but_the_inheritance() -> None:
    text = StudyPlan().source()
    assert text.count("def ") == 1
    assert "from fedkd_federation.plan import FedKDPlan" in text
