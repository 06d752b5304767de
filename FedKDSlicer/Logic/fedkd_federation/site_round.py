"""A round at a site: what nobody approved ends here, before Fed-BioMed does anything with it."""

from __future__ import annotations

from typing import Any

from fedbiomed.common.message import TrainReply
from fedbiomed.node.round import Round

from fedkd.errors import FedkdError
from fedkd.federation.task import read_task, task_refused
from fedkd.federation.tasks_of_study import AnyTask
from fedkd.networks import AnySpec, build_network
from fedkd_federation.plan import TASK_KEY, network_spec
from fedkd_federation.site_context import this_site

_PLAN_CLASS = "StudyPlan"


# One stage after the other has the same network for many rounds, and to build it takes as long as a step.
_known: dict[tuple[str, str], frozenset[str]] = {}


class SiteRound(Round):
    """Fed-BioMed's round between our check of the task and our word of how it ended."""

    def run_model_training(self, *args: Any, **options: Any) -> TrainReply:  # noqa: ANN401
        """Check the task, then do what Fed-BioMed does."""
        site = this_site()
        assert site is not None
        try:
            task = self._admitted_task()
        except FedkdError as error:
            site.on_end(None, error.what)
            return self._send_round_reply(success=False, message=f"{error.what} {error.what_to_do}")
        site.on_begin(task)
        reply = super().run_model_training(*args, **options)
        site.on_end(task, "" if reply.success else reply.msg)
        return reply

    def _admitted_task(self) -> AnyTask:
        site = this_site()
        assert site is not None
        if self.training_plan_class != _PLAN_CLASS or not self.training:
            raise task_refused("The coordinator asked for something else than the study's plan.")
        text = self.model_arguments.get(TASK_KEY)
        task = read_task(text if isinstance(text, str) else "")
        site.admission.check(task)
        if not isinstance(self.params, dict) or set(self.params) != _tensors_of(task.stage, network_spec(task)):
            raise task_refused("The tensors that came are not those of the task's network.")
        return task


def _tensors_of(stage: str, network: AnySpec) -> frozenset[str]:
    """Return the names of a network's tensors; the last one's are kept."""
    key = (stage, network.model_dump_json())
    if key not in _known:
        _known.clear()
        _known[key] = frozenset(name for name, _ in build_network(network).named_parameters())
    return _known[key]
