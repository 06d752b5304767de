"""A coordinator that asks a site for what nobody there approved: ``python -m builders.other_coordinator``.

One JSON line in: folder, port, site, study, and another study. One out for each attempt: what it was, and the answer.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fedkd.federation.study_file import read_study
from fedkd.federation.tasks_of_study import train_task
from fedkd.models.package import weights_of
from fedkd.networks import build_network
from fedkd_federation.channel import Channel
from fedkd_federation.clean_environment import clean_environment
from fedkd_federation.plan import FedKDPlan

ANALYTICS_WAIT_S = 4.0


class StudyPlan(FedKDPlan):
    """Does something else under the name of the approved plan."""

    def init_dependencies(self) -> list[str]:
        return ["from fedkd_federation.plan import FedKDPlan"]

    def training_routine(self, *_: object, **__: object) -> int:
        return 0


def main() -> None:
    channel, order = _Lines(), json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    clean_environment(Path(tempfile.mkdtemp()))
    os.environ["FBM_RESEARCHER_COMPONENT_ROOT"] = str(folder / "coordinator")
    os.environ["FBM_SERVER_HOST"], os.environ["FBM_SERVER_PORT"] = "localhost", str(order["port"])
    from fedbiomed.common.message import FARequest
    from fedbiomed.researcher.config import config
    from fedbiomed.researcher.requests import Requests

    from fedkd_federation import study_experiment
    from fedkd_federation.asking import PatientRequests
    from fedkd_federation.roster import Roster, RosterEvents

    os.environ["FBM_DEBUG"] = "1"
    stop = threading.Event()
    requests = PatientRequests(Requests(config=config), stop)
    events = RosterEvents(lambda _: None, lambda *_: None)
    roster = Roster(requests, config.get("default", "id"), folder / "sites.json", events)
    sites = roster.wait_for((order["site"],), 120, stop)
    study, other = (read_study(Path(order[name])) for name in ("study", "other"))
    task = train_task(study, study.train_stage("fed"), 0)
    weights = {name: value.clone() for name, value in weights_of(build_network(task.recipe.stage.network)).items()}

    def ask(what: str, asked: Any, change: Callable[[Any], None] = lambda _: None) -> None:
        experiment = study_experiment.StudyExperiment(task, sites, requests, secure=False)
        change(experiment)
        requests.deadline_s = 60
        experiment.carry(asked, sites, weights)
        collected = experiment.collected
        channel.say(what=what, answers=len(collected.answers), problems=list(collected.problems.values()))
        experiment.close()

    ask("other study", train_task(other, other.train_stage("fed"), 0))
    ask("more steps", task.model_copy(update={"steps": 5000}))
    ask("another round", task.model_copy(update={"round": 17}))
    ask("no task", _NoTask(task))
    ask("too few tensors", task, lambda experiment: setattr(experiment, "training_plan", _with_fewer(experiment)))
    ask("other plan", task, lambda experiment: experiment.set_training_plan_class(StudyPlan))
    node = next(iter(sites.values())).node_id
    analytics = FARequest(
        researcher_id=config.get("default", "id"),
        experiment_id="fedkd",
        dataset_id=str(next(iter(sites.values())).dataset["dataset_id"]),
        fa_id="fedkd",
        stats=["mean"],
    )
    requests.deadline_s = ANALYTICS_WAIT_S
    with requests.send(analytics, [node]) as asked:
        channel.say(what="analytics", answers=len(asked.replies()), problems=[])
    ask("approved task", task)
    channel.say(what="end")
    os._exit(0)


class _NoTask:
    """Looks like the task it stands for, but travels as something else."""

    def __init__(self, task: Any) -> None:
        self._task = task

    def model_dump_json(self) -> str:
        return '{"kind": "train", "code": "import os"}'

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)


class _Lines:
    def __init__(self) -> None:
        self._channel = Channel()

    def say(self, **line: object) -> None:
        from pydantic import RootModel

        self._channel.emit(RootModel[dict[str, Any]](line))


def _with_fewer(experiment: Any) -> Callable[[], Any]:
    plan = experiment.training_plan()
    whole = plan.get_model_params

    def fewer(*args: object, **options: object) -> dict[str, Any]:
        params = whole(*args, **options)
        params.pop(next(iter(params)))
        return params

    plan.get_model_params = fewer
    return lambda: plan


if __name__ == "__main__":
    main()
