"""A site's share of a training round."""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Iterator, Sequence

import torch

from fedkd.federation.averaging import Weights
from fedkd.federation.local_tensors import read_local_tensors, write_local_tensors
from fedkd.federation.place import SitePlace
from fedkd.federation.privacy_ledger import PrivacyLedger, Release
from fedkd.federation.private_steps import private_steps, sample_rate
from fedkd.federation.proximal import ProximalTerm
from fedkd.federation.replies import SiteReply
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.site_data import SurveyedCase, count_labels
from fedkd.federation.task import CollectTask, DifferentialPrivacy, TrainTask, task_refused
from fedkd.federation.teaching_cases import teaching_cases
from fedkd.models.package import put_weights, weights_of
from fedkd.networks import build_network
from fedkd.networks.multi_head import MultiHeadNetwork, head_of_tensor
from fedkd.progress import ProgressEvent, Report
from fedkd.training.batches import stream_batches
from fedkd.training.distillation import DistillationTerm
from fedkd.training.learner import Learner
from fedkd.training.prepared import PreparedCases, preparation_for
from fedkd.training.recipe import Recipe


def train_round(task: TrainTask, weights: Weights, place: SitePlace, report: Report) -> SiteAnswer:
    """Train the network ``weights`` on this site's cases, and return the tensors that were trained and may leave.

    A site with too few cases declines, and so does one that could not hide its single cases as the study demands. The
    optimizer begins anew in every round; the learning rate follows the schedule of the whole stage.

    Raises:
        FedkdError: TASK_REFUSED when the tensors do not fit the recipe's network; TRAINING_DIVERGED; those of reading
            a case.
    """
    started = time.monotonic()
    cases = teaching_cases(task, place)
    if len(cases) < task.fewest_cases:
        return _declined(task, place, len(cases), _too_few(task, len(cases)))
    network = network_with(task.recipe, weights)
    folder = place.stage_folder(task.study_sha256, task.stage)
    if task.shared == "backbone":
        _put_some(network, read_local_tensors(folder))
    epsilon = None
    if task.privacy is not None:
        epsilon = _spend(task, task.privacy, len(cases), place)
        if epsilon > task.privacy.most_epsilon:
            return _declined(task, place, len(cases), _too_private(len(cases), epsilon, task.privacy))
    losses = _learn(task, network, cases, place, report)
    samples = count_labels(cases, task.recipe.trained_heads)
    learned = _learned(network, samples)
    if task.shared == "backbone":
        write_local_tensors(folder, {name: value for name, value in learned.items() if head_of_tensor(name)})
        learned = {name: value for name, value in learned.items() if head_of_tensor(name) is None}
    reply = SiteReply(
        site=place.site,
        stage=task.stage,
        round=task.round,
        samples=samples,
        cases=len(cases),
        steps=task.steps,
        losses={} if task.privacy is not None else losses,
        epsilon=epsilon,
        seconds=round(time.monotonic() - started, 3),
    )
    return SiteAnswer(reply, learned)


def collect_heads(task: CollectTask, place: SitePlace) -> SiteAnswer:
    """Return the heads that stayed at this site; it declines when there are none.

    Raises:
        FedkdError: INPUT_UNREADABLE when they are damaged.
    """
    kept = read_local_tensors(place.stage_folder(task.study_sha256, task.stage))
    if not kept:
        return _declined(task, place, 0, _too_few(task, 0))
    heads = {head for name in kept if (head := head_of_tensor(name))}
    cases = [one for one in place.survey().usable if not one.is_test and one.heads & heads]
    samples = count_labels(cases, sorted(heads))
    return SiteAnswer(
        SiteReply(site=place.site, stage=task.stage, round=task.round, samples=samples, cases=len(cases)), kept
    )


def network_with(recipe: Recipe, weights: Weights) -> MultiHeadNetwork:
    """Return the recipe's network with these tensors.

    Raises:
        FedkdError: TASK_REFUSED when they do not fit it.
    """
    network = build_network(recipe.stage.network)
    try:
        put_weights(network, weights)
    except ValueError as error:
        raise task_refused(f"The tensors do not fit the recipe's network: {error}.") from error
    return network


def _spend(task: TrainTask, privacy: DifferentialPrivacy, cases: int, place: SitePlace) -> float:
    """Return the epsilon with this round; where the study allows so much, it is written down as spent."""
    ledger = PrivacyLedger(place.work, task.study_sha256)
    release = Release(privacy.noise, sample_rate(task.recipe, cases), task.steps)
    epsilon = ledger.epsilon_with(release, privacy.delta)
    if epsilon <= privacy.most_epsilon:
        ledger.add(release)
    return epsilon


def _learn(
    task: TrainTask, network: MultiHeadNetwork, cases: Sequence[SurveyedCase], place: SitePlace, report: Report
) -> dict[str, float]:
    recipe = _with_own_seed(task.recipe, place.site)
    learner = Learner(network, recipe, torch.device(place.device), where=task.stage)
    if task.prox_mu:
        learner.add("proximal", ProximalTerm(learner.network, task.prox_mu))
    if task.distillation.targets == "soft":
        learner.add("teachers", DistillationTerm(task.distillation.temperature, recipe.head_losses))
    learner.start()
    prepared = _prepared(recipe, cases, place)
    steps = (
        _open_steps(learner, prepared, task, recipe, place.workers)
        if task.privacy is None
        else private_steps(
            learner, prepared, recipe, task.privacy, range(task.first_step, task.first_step + task.steps)
        )
    )
    sums: dict[str, list[float]] = {}
    for done, parts in enumerate(steps, start=1):
        for name, value in parts.items():
            sums.setdefault(name, []).append(value)
        text = ", ".join(f"{name} {values[-1]:.3f}" for name, values in sums.items())
        report(ProgressEvent("train", done / task.steps, f"step {done} of {task.steps}: {text}"))
    return {name: sum(values) / len(values) for name, values in sums.items()}


def _open_steps(
    learner: Learner, prepared: PreparedCases, task: TrainTask, recipe: Recipe, workers: int
) -> Iterator[dict[str, float]]:
    batches = stream_batches(prepared, recipe, task.first_step, workers)
    for step, batch in enumerate(itertools.islice(batches, task.steps), start=task.first_step):
        yield learner.learn(batch, step)


def _prepared(recipe: Recipe, cases: Sequence[SurveyedCase], place: SitePlace) -> PreparedCases:
    wanted, preparation = [one.case for one in cases], preparation_for(recipe)
    kept = place.memory.prepared
    if kept is None or not kept.is_of(wanted, preparation):
        kept = PreparedCases(wanted, preparation, place.cache_bytes)
    place.memory.prepared = kept
    return kept


def _with_own_seed(recipe: Recipe, site: str) -> Recipe:
    # With one seed all sites would turn and shift their patches alike.
    seed = recipe.optimization.seed + zlib.crc32(site.encode())
    return recipe.model_copy(update={"optimization": recipe.optimization.model_copy(update={"seed": seed})})


def _learned(network: MultiHeadNetwork, samples: dict[str, int]) -> dict[str, torch.Tensor]:
    """Return what learned: of the heads only those that had a label."""
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    return {
        name: value.cpu().clone()
        for name, value in weights_of(network).items()
        if name in trained and ((head := head_of_tensor(name)) is None or samples.get(head, 0))
    }


@torch.no_grad()
def _put_some(network: MultiHeadNetwork, kept: Weights) -> None:
    for name, parameter in network.named_parameters():
        if name in kept and kept[name].shape == parameter.shape:
            parameter.copy_(kept[name])


def _declined(task: TrainTask | CollectTask, place: SitePlace, cases: int, why: str) -> SiteAnswer:
    return SiteAnswer(SiteReply(site=place.site, stage=task.stage, round=task.round, cases=cases, declined=why))


def _too_few(task: TrainTask | CollectTask, found: int) -> str:
    heads = ", ".join(task.recipe.trained_heads)
    return f"it has {found} cases to learn {heads} from; at least {task.fewest_cases} are needed"


def _too_private(cases: int, epsilon: float, privacy: DifferentialPrivacy) -> str:
    return (
        f"with {cases} cases this round would spend an epsilon of {epsilon:.2f} in all; the study allows "
        f"{privacy.most_epsilon:g}"
    )
