"""The cases that teach in a stage: with labels of people, of teachers, or of both."""

from __future__ import annotations

from fedkd.federation.place import SitePlace
from fedkd.federation.pseudo_labels import PseudoLabels, with_pseudo_labels
from fedkd.federation.site_data import SurveyedCase, cases_to_learn_from
from fedkd.federation.task import TrainTask


def teaching_cases(task: TrainTask, place: SitePlace) -> list[SurveyedCase]:
    """Return the cases that have a label for one of the heads that learn, sorted; never one kept for testing.

    Of a head that a person labeled in a case, no pseudo label is used.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when no case at the site can be used.
    """
    heads = frozenset(task.recipe.trained_heads)
    found = [_with_labels(one, task, place, heads) for one in cases_to_learn_from(place.survey())]
    return [one for one in found if one.heads]


def _with_labels(one: SurveyedCase, task: TrainTask, place: SitePlace, heads: frozenset[str]) -> SurveyedCase:
    human = one.heads & heads
    if task.label_stage is None:
        return SurveyedCase(one.case, human)
    labels = PseudoLabels(place.stage_folder(task.study_sha256, task.label_stage) / one.case.case_id)
    is_soft = task.distillation.targets == "soft"
    path_of = labels.soft_path_of if is_soft else labels.path_of
    pseudo = frozenset(head for head in heads - one.heads if path_of(head) is not None)
    kept = human if task.labels == "human+pseudo" else frozenset()
    return SurveyedCase(with_pseudo_labels(one.case, labels, kept, is_soft=is_soft), kept | pseudo)
