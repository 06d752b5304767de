"""The installed half of the plan: hands a task and its network to the engine, and the engine's answer to Fed-BioMed."""

from __future__ import annotations

from typing import Any

import torch
from fedbiomed.common.datamanager import DataManager
from fedbiomed.common.dataset import CustomDataset
from fedbiomed.common.training_plans import TorchTrainingPlan

from fedkd.errors import FedkdError
from fedkd.federation.place import SitePlace
from fedkd.federation.site_work import do_task
from fedkd.federation.task import CollectTask, TrainTask, read_task, task_refused
from fedkd.federation.tasks_of_study import AnyTask
from fedkd.federation.teaching_cases import teaching_cases
from fedkd.models.package import weights_of
from fedkd.networks import AnySpec, build_network
from fedkd.networks.multi_head import MultiHeadNetwork
from fedkd_federation.site_context import SiteContext, this_site

# The key under which a task travels in Fed-BioMed's arguments of the model, and the answer in those of the optimizer,
# its reply's only field of free form.
TASK_KEY = "fedkd_task"
REPLY_KEY = "fedkd_reply"


class TaskFailedError(Exception):
    """Why a site could not carry a task out, in words that may leave it: no paths, no names of cases."""


class NumberedCases(CustomDataset):
    """The site's cases by number: Fed-BioMed counts them, the engine reads them."""

    count = 0

    def read(self) -> None:
        """Do nothing: the engine reads the cases."""

    def __len__(self) -> int:
        return self.count

    def get_item(self, index: int) -> torch.Tensor:
        """Return the number of a case."""
        return torch.tensor([float(index)])


class FedKDPlan(TorchTrainingPlan):
    """Everything but the text that is approved: `study_plan` inherits from it."""

    def init_model(self, model_args: dict[str, Any]) -> MultiHeadNetwork:
        """Return the task's network; its tensors come with the task."""
        self._task = read_task(model_args[TASK_KEY])
        self._reply: dict[str, Any] = {}
        self._outgoing: dict[str, torch.Tensor] = {}
        return build_network(network_spec(self._task))

    def init_optimizer(self) -> torch.optim.Optimizer:
        """Return the optimizer that Fed-BioMed wants to see; the engine's own one does the work."""
        return torch.optim.SGD(self.model().parameters(), lr=0.0)

    def set_model_params(self, params: dict[str, torch.Tensor], local_params: list[str] | None = None) -> None:
        """Put tensors into the network, each under its one name.

        Some networks have parts under two names. Fed-BioMed adds what a fresh network has to the tensors that came:
        under the second names these would overwrite what came.
        """
        own = {name for name, _ in self.model().named_parameters()}
        kept = {name: value for name, value in params.items() if name in own}
        super().set_model_params(kept, local_params=local_params)

    def training_data(self) -> DataManager:
        """Return the cases that take part."""
        cases = NumberedCases()
        # None at all is for the engine to refuse, in words.
        cases.count = max(1, _cases_that_count(self._task, _site().place))
        return DataManager(cases)

    def training_step(self, *_: object) -> torch.Tensor:
        """Fail: Fed-BioMed's own loop over batches, which would call this, is not used."""
        raise NotImplementedError

    def training_routine(self, history_monitor: object = None, node_args: dict[str, Any] | None = None) -> int:
        """Carry the task out.

        Raises:
            TaskFailedError: it could not be; the message is sent to the coordinator.
        """
        site = _site()
        try:
            _, study = site.admission.require()
            answer = do_task(study, self._task, weights_of(self.model()), site.place, site.report)
        except FedkdError as error:
            raise TaskFailedError(f"{error.what} {error.what_to_do}") from error
        except OSError as error:
            raise TaskFailedError(f"A file could not be read or written: {error.strerror}.") from error
        except Exception as error:
            raise TaskFailedError(f"A fault of the program at the site: {type(error).__name__}.") from error
        self._outgoing = dict(answer.weights)
        self._reply = {REPLY_KEY: answer.reply.model_dump_json()}
        return answer.reply.cases

    def optimizer_args(self) -> dict[str, Any]:
        """Return what the reply holds besides tensors."""
        return self._reply

    def after_training_params(self, flatten: bool = False) -> dict[str, torch.Tensor] | list[float]:
        """Return the tensors that leave the site; at the coordinator those that it sends.

        Args:
            flatten: all of them as one list of numbers, for secure aggregation.
        """
        if this_site() is None:
            return self.get_model_params()
        if not flatten:
            return self._outgoing
        self.set_model_params(self._outgoing)
        return self.get_model_wrapper_class().flatten(exclude_buffers=True)


def network_spec(task: AnyTask) -> AnySpec:
    """Return the network that travels with a task."""
    stage = task.recipe.stage if isinstance(task, TrainTask | CollectTask) else task.network
    return stage.network


def _cases_that_count(task: AnyTask, place: SitePlace) -> int:
    """Return Fed-BioMed's number of samples, by which secure aggregation weights a site."""
    return len(teaching_cases(task, place)) if isinstance(task, TrainTask) else 1


def _site() -> SiteContext:
    site = this_site()
    if site is None:
        raise task_refused("This plan runs in FedKDSlicer's own process of a site only.")
    return site
