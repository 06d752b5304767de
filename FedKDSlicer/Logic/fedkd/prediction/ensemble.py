"""Several models look at one CT and vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial.distance import pdist

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.backends import ReadyModel
from fedkd.prediction.calcium_vote import CalciumVote, doubts_about_calcium
from fedkd.prediction.consensus import BetweenModels, Consensus, agree, vote_weights
from fedkd.prediction.further_heads import further_heads_of_several
from fedkd.prediction.opinion import Opinion
from fedkd.prediction.reference_passes import require_possible_passes
from fedkd.prediction.root_prediction import ask_about_root
from fedkd.prediction.study_prediction import StudyOptions, ask_as_study
from fedkd.progress import Report, part_of
from fedkd.volumes import CtVolume


def ask_all(ct: CtVolume, models: Sequence[ReadyModel], options: StudyOptions, report: Report) -> Opinion:
    """Return the common opinion of one or more models; each looks by its own procedure.

    Raises:
        FedkdError: HEART_NOT_FOUND when one of them sees no heart; USAGE, see `ask_as_study`.
    """
    if len(models) == 1:
        return ask(ct, models[0], options, report)
    calcium, opinions = CalciumVote(), []
    for number, model in enumerate(models):
        part = part_of(report, number / len(models), (number + 1) / len(models))
        opinion = ask(ct, model, options, part)
        calcium.add(model.card.model_id, opinion.calcification)
        opinions.append(replace(opinion, calcification=None))
    return common_opinion(opinions, calcium)


def ask(ct: CtVolume, model: ReadyModel, options: StudyOptions, report: Report) -> Opinion:
    """Return one model's opinion. Here its confidences leave it: whatever is to be done to them is done here.

    Raises:
        FedkdError: as `ask_all`.
    """
    require_possible_passes(model.card, options.passes)
    if model.localizer is None:
        return ask_as_study(ct, model, options, report)
    return ask_about_root(ct, model, options.region, options.passes, report)


def common_opinion(opinions: Sequence[Opinion], calcium: CalciumVote) -> Opinion:
    """Return what several models say together.

    Args:
        opinions: of the models, in any order.
        calcium: what they mark.
    """
    agreed = {name: agree_on(name, opinions) for name in LANDMARK_NAMES}
    outlined = [(one.models[0], outline) for one in opinions for outline in one.outlines]
    outlines, outline_notes = further_heads_of_several(outlined)
    thresholds = {one.calcification_threshold_hu for one in opinions}
    return Opinion(
        models=tuple(name for one in opinions for name in one.models),
        landmarks={name: one for name, one in agreed.items() if one is not None},
        looked_for=tuple(name for name in LANDMARK_NAMES if any(name in one.looked_for for one in opinions)),
        calcification=calcium.majority(),
        calcification_threshold_hu=thresholds.pop() if len(thresholds) == 1 else None,
        heart_source=_joined(one.heart_source for one in opinions),
        notes=(
            *_seen_by_some(opinions),
            *doubts_about_calcium(calcium.volumes),
            *_notes_of_each(opinions),
            *outline_notes,
        ),
        seconds_by_stage=_summed(one.seconds_by_stage for one in opinions),
        backend=_joined(one.backend for one in opinions),
        outlines=outlines,
    )


def agree_on(name: str, opinions: Sequence[Opinion]) -> Consensus | None:
    """Return a landmark where most of the models that know it found it; those that do not know it have no vote.

    The spread is that of all looks: the variances between models and within each add up. A confidence is lowered by
    what is between models only, for that of each model already knows of its own passes.
    """
    asked = [one for one in opinions if name in one.looked_for]
    if len(asked) < 2:
        return asked[0].landmarks.get(name) if asked else None
    together = agree(name, [one.landmarks for one in asked])
    if together is None or together.spread_mm is None:
        return None
    voters = [one for one in asked if name in one.landmarks]
    seen = [one.landmarks[name] for one in voters]
    within_mm = np.array([one.spread_mm or 0.0 for one in seen])
    between = BetweenModels(
        models=tuple(model for one in voters for model in one.models),
        spread_mm=together.spread_mm,
        farthest_mm=float(pdist([one.position_lps_mm for one in seen]).max()),
    )
    spread_mm = float(np.sqrt(together.spread_mm**2 + vote_weights(seen) @ within_mm**2))
    return replace(together, spread_mm=spread_mm, between=between)


def _seen_by_some(opinions: Sequence[Opinion]) -> list[str]:
    notes = []
    for name in LANDMARK_NAMES:
        asked = [one for one in opinions if name in one.looked_for]
        found = [model for one in asked if name in one.landmarks for model in one.models]
        missed = [model for one in asked if name not in one.landmarks for model in one.models]
        if found and missed:
            notes.append(f"{name}: found by {', '.join(found)}, not by {', '.join(missed)}.")
    return notes


def _notes_of_each(opinions: Sequence[Opinion]) -> list[str]:
    return [f"{', '.join(one.models)}: {note}" for one in opinions for note in one.notes]


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _summed(times: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for seconds_by_stage in times:
        total.update(seconds_by_stage)
    return {stage: round(seconds, 3) for stage, seconds in total.items()}
