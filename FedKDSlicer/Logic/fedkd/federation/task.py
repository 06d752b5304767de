"""What one round asks of a site: a few numbers and a recipe, never code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, Sha256, StageName, StudyId
from fedkd.models.card import StageSpec, first_problem
from fedkd.networks.head_names import HeadName
from fedkd.training.recipe import Recipe

MOST_ROUNDS = 10_000
Round = Annotated[int, Field(ge=0, lt=MOST_ROUNDS)]
LabelSource = Literal["human", "pseudo", "human+pseudo"]


class Distillation(Frozen):
    """How pseudo labels teach.

    ``hard``: as if a person had drawn them. ``soft``: by the teachers' probabilities, both distributions flattened by
    ``temperature`` (Hinton, Vinyals and Dean 2015, arXiv 1503.02531).
    """

    targets: Literal["hard", "soft"] = "hard"
    temperature: float = Field(default=1.0, gt=0, le=20)


class DifferentialPrivacy(Frozen):
    """DP-SGD at the sites (Abadi et al. 2016, arXiv 1607.00133): what hides a single patient in what is sent."""

    noise: float = Field(gt=0, le=100, description="standard deviation of the noise, in units of the clipping norm")
    clip: float = Field(gt=0, le=1000, description="largest norm of one sample's gradient")
    delta: float = Field(default=1e-5, gt=0, lt=1)
    most_epsilon: float = Field(gt=0, description="a site that would spend more refuses")


class _Task(Frozen):
    study_id: StudyId
    study_sha256: Sha256
    stage: StageName
    round: Round = 0


class TrainTask(_Task):
    """Train the network that comes with it for ``steps`` steps, and send back what may leave.

    Args:
        recipe: its ``optimization.steps`` are those of all rounds together.
        labels: whose labels teach.
        steps: of this round.
        distillation: how pseudo labels teach.
        privacy: noise that hides each single case; None: none.
        prox_mu: weight of FedProx' term (Li et al. 2020, arXiv 1812.06127); 0: none.
        shared: ``backbone``: heads stay at the site from round to round (SegViz).
        fewest_cases: a site with fewer cases to learn from does not take part.
    """

    kind: Literal["train"] = "train"
    recipe: Recipe
    labels: LabelSource = "human"
    label_stage: StageName | None = Field(default=None, description="the stage that made the pseudo labels")
    steps: int = Field(ge=1, le=1_000_000)
    distillation: Distillation = Distillation()
    privacy: DifferentialPrivacy | None = None
    prox_mu: float = Field(default=0.0, ge=0, le=100)
    shared: Literal["all", "backbone"] = "all"
    fewest_cases: int = Field(default=1, ge=1)

    @property
    def first_step(self) -> int:
        """The number of this round's first step."""
        return self.round * self.steps

    @property
    def step_numbers(self) -> range:
        """The numbers of this round's steps."""
        return range(self.first_step, self.first_step + self.steps)


class CollectTask(_Task):
    """Send the heads that stayed at the site while the stage's backbone was shared."""

    kind: Literal["collect"] = "collect"
    recipe: Recipe
    fewest_cases: int = Field(default=1, ge=1)


class LabelTask(_Task):
    """Label the CTs that no person labeled, with the teacher that comes with it; the labels stay at the site.

    Args:
        network: the teacher.
        heads: which of its heads label.
        keep_logits: keep what soft targets need, too.
    """

    kind: Literal["label"] = "label"
    network: StageSpec
    heads: tuple[HeadName, ...] = Field(min_length=1)
    keep_logits: bool = False


class EvaluateTask(_Task):
    """Run the network that comes with it on the cases kept for testing; on a held-out site on all labeled ones."""

    kind: Literal["evaluate"] = "evaluate"
    network: StageSpec
    of_stage: StageName
    held_out: tuple[str, ...] = Field(default=(), description="the sites on which every labeled case is unseen")


SiteTask = Annotated[TrainTask | CollectTask | LabelTask | EvaluateTask, Field(discriminator="kind")]
_ANY_TASK: TypeAdapter[TrainTask | CollectTask | LabelTask | EvaluateTask] = TypeAdapter(SiteTask)


def read_task(text: str | bytes) -> TrainTask | CollectTask | LabelTask | EvaluateTask:
    """Return the task in a JSON text that came from the coordinator.

    Raises:
        FedkdError: TASK_REFUSED when it is none.
    """
    try:
        return _ANY_TASK.validate_json(text)
    except ValidationError as error:
        raise task_refused(f"The coordinator asked for something that is no task: {first_problem(error)}.") from error


def task_refused(what: str) -> FedkdError:
    """Return the error for a task that a site does not carry out."""
    return FedkdError(
        ExitCode.TASK_REFUSED,
        what,
        where="task",
        what_to_do="Nothing was trained or sent. Ask the coordinator; approve a new study only after reading it.",
    )
