"""What a site does when a round begins: check that its study asks for it, then do it."""

from __future__ import annotations

from fedkd.federation.averaging import Weights
from fedkd.federation.place import SitePlace
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.study_file import StudyFile
from fedkd.federation.task import CollectTask, EvaluateTask, LabelTask, TrainTask, task_refused
from fedkd.federation.tasks_of_study import AnyTask, check_task
from fedkd.progress import Report


def do_task(study: StudyFile, task: AnyTask, weights: Weights, place: SitePlace, report: Report) -> SiteAnswer:
    """Carry out a task of the study that this site approved.

    Args:
        study: as approved; a task that it does not contain is refused before anything is read.
        task: what the coordinator asks for.
        weights: the network that came with it, on the CPU.
        place: the site.
        report: told of the progress.

    Returns:
        Numbers, and the tensors that leave the site.

    Raises:
        FedkdError: TASK_REFUSED; what the work itself raises.
    """
    check_task(study, task)
    if place.site not in {site.id for site in study.sites}:
        raise task_refused(f"The approved study has no site {place.site}.")
    if place.site in study.held_out_sites and not isinstance(task, EvaluateTask):
        raise task_refused(f"The approved study holds {place.site} out: networks are only evaluated there.")
    match task:
        case TrainTask():
            from fedkd.federation.train_work import train_round

            return train_round(task, weights, place, report)
        case CollectTask():
            from fedkd.federation.train_work import collect_heads

            return collect_heads(task, place)
        case LabelTask():
            from fedkd.federation.label_work import label_cases

            return label_cases(task, weights, place, report)
        case EvaluateTask():
            from fedkd.federation.evaluate_work import evaluate_network

            return evaluate_network(task, weights, place, report)
