"""The stages that a study file may list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fedkd.federation.names import Frozen, StageName
from fedkd.federation.task import Distillation, LabelSource
from fedkd.networks.head_names import HeadName

RecipeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
Text = Annotated[str, Field(max_length=200)]


class Aggregation(Frozen):
    """How the sites' networks become one.

    ``fedavg``: each tensor is the mean over the sites that trained it, weighted by their samples of its label.
    ``fedprox``: the same; sites are held near the common network by ``mu``. ``sequential``: one site after the other.
    ``selective``: the backbone is shared, heads stay at their sites and are collected at the end (SegViz).
    ``local``: every site keeps a network of its own, for comparison.
    """

    kind: Literal["fedavg", "fedprox", "sequential", "selective", "local"] = "fedavg"
    mu: float = Field(default=0.01, gt=0, le=100, description="of fedprox")


class TrainStage(Frozen):
    """Federated training of one network.

    Args:
        name: of the stage.
        recipe: one of the study's recipes; its number of steps is replaced by rounds times steps.
        heads: only these of the recipe's heads.
        labels: whose labels teach.
        trained: ``heads``: the backbone stays as ``start_from`` left it.
        start_from: the stage whose network this one begins with.
        rounds: how often the sites' networks become one.
        steps: of a site in a round.
        aggregation: how the sites' networks become one.
        distillation: how pseudo labels teach.
        evaluate_every: evaluate on all sites after every so many rounds; 0: never.
    """

    kind: Literal["train"] = "train"
    name: StageName
    recipe: RecipeName
    heads: tuple[HeadName, ...] | None = None
    labels: LabelSource = "human"
    trained: Literal["all", "heads"] = "all"
    start_from: StageName | None = None
    rounds: int = Field(ge=1, le=9_999)
    steps: int = Field(ge=1, le=1_000_000)
    aggregation: Aggregation = Aggregation()
    distillation: Distillation = Distillation()
    evaluate_every: int = Field(default=0, ge=0)


class LabelStage(Frozen):
    """Every site labels its unlabeled CTs with the teachers.

    Args:
        name: of the stage.
        teachers: for each head the stage that trained its teacher.
        keep_logits: keep what soft targets need.
        deadline_s: how long a site's labeling may take.
    """

    kind: Literal["label"] = "label"
    name: StageName
    teachers: dict[HeadName, StageName] = Field(min_length=1)
    keep_logits: bool = False
    deadline_s: float = Field(default=7 * 86400, gt=0)


class TableRow(Frozen):
    """A row of the table: the networks of one training stage."""

    method: Text
    network: Text
    stage: StageName


class EvaluateStage(Frozen):
    """Every site runs the networks of some stages on its unseen cases. ``deadline_s``: for each network."""

    kind: Literal["evaluate"] = "evaluate"
    name: StageName
    rows: tuple[TableRow, ...] = Field(min_length=1)
    deadline_s: float = Field(default=86400, gt=0)


AnyStage = TrainStage | LabelStage | EvaluateStage
Stage = Annotated[AnyStage, Field(discriminator="kind")]
