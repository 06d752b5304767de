"""Fed-BioMed's experiment, one for each network of a study, without what it hoards."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from fedbiomed.common.exceptions import FedbiomedError
from fedbiomed.researcher.federated_workflows import Experiment

from fedkd.federation.tasks_of_study import AnyTask
from fedkd_federation.asking import PatientRequests
from fedkd_federation.collect import CollectAnswers, LeaveAsItIs
from fedkd_federation.plan import TASK_KEY
from fedkd_federation.roster import OnlineSite
from fedkd_federation.study_plan import StudyPlan

# Fed-BioMed wants to know about batches and epochs; the task says what is done.
_TRAINING_ARGUMENTS = {
    "loader_args": {"batch_size": 1},
    "optimizer_args": {},
    "epochs": 1,
    "share_persistent_buffers": False,
}


class StudyExperiment(Experiment):
    """Carries tasks with one network.

    Args:
        task: the first one.
        sites: connected ones.
        requests: to ask with.
        secure: whether secure aggregation hides what each site sends.
    """

    def __init__(self, task: AnyTask, sites: Mapping[str, OnlineSite], requests: PatientRequests, secure: bool) -> None:
        self._arguments = _arguments(task)
        self._is_secure = secure
        self.collected = CollectAnswers()
        self.together: dict[str, torch.Tensor] | None = None
        super().__init__(
            training_data=_datasets(sites),
            training_plan_class=StudyPlan,
            model_args=self._arguments,
            training_args=_TRAINING_ARGUMENTS,
            node_selection_strategy=self.collected,
            aggregator=LeaveAsItIs(),
            secagg=secure,
            save_breakpoints=False,
            retain_full_history=False,
        )
        self._reqs = requests
        # Its monitor keeps every number it ever saw.
        requests.remove_monitor_callback(self._experiment_id)

    def model_args(self) -> dict[str, Any]:
        """Return the task as Fed-BioMed carries it."""
        return self._arguments

    def carry(self, task: AnyTask, sites: Mapping[str, OnlineSite], weights: Mapping[str, torch.Tensor]) -> None:
        """Have ``sites`` carry out a task; what came back is in ``collected``.

        With secure aggregation the sites' mean is in ``together``, weighted by their cases; one site that does not
        answer spoils the round for all.
        """
        self._arguments = _arguments(task)
        self.set_training_data(_datasets(sites))
        self.training_plan().set_model_params(dict(weights))
        self.collected.expect(task, {site.node_id: site.site for site in sites.values()})
        self.together = None
        try:
            self.run_once()
        except FedbiomedError as error:
            if not self._is_secure:
                raise
            self.collected.give_up(f"secure aggregation failed, which needs every site's answer: {error}")
            return
        if self._is_secure and self.collected.answers:
            self.together = dict(self.training_plan().get_model_params())

    def forget(self) -> None:
        """Let go of a round's tensors, in memory and on the disk."""
        self.together = None
        self._training_replies: dict[int, Any] = {}
        self._aggregated_params: dict[int, Any] = {}
        for path in Path(self.experimentation_path()).glob("*.mpk"):
            path.unlink()

    def close(self) -> None:
        """Remove what the experiment left on the disk; everything that a study keeps lies elsewhere."""
        self.forget()
        shutil.rmtree(self.experimentation_path(), ignore_errors=True)


def _arguments(task: AnyTask) -> dict[str, Any]:
    return {TASK_KEY: task.model_dump_json()}


def _datasets(sites: Mapping[str, OnlineSite]) -> dict[str, dict[str, Any]]:
    return {site.node_id: dict(site.dataset) for site in sites.values()}
