"""What a training run does, as one serializable description."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks.head_names import HeadName

BUILT_IN_RECIPES = Path(__file__).resolve().parents[3] / "Resources" / "Recipes"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sampling(_Frozen):
    """How patches are drawn from a case and changed.

    ``share_anywhere`` of the patches lie anywhere in the CT, the others around the landmarks (their centroid
    plus a normally distributed offset with ``jitter_sd_mm`` along each axis). No mirror images: the heart is
    on the left.
    """

    share_anywhere: float = Field(default=0.0, ge=0, le=1)
    share_on_labels: float = Field(
        default=0.0, ge=0, le=1, description="share of patches around a random marked voxel of a head that is not ours"
    )
    jitter_sd_mm: float = Field(default=9.0, ge=0)
    rotation_sd_deg: float = Field(default=10.0, ge=0, le=60)
    scale_sd: float = Field(default=0.05, ge=0, le=0.2)
    context_dropout: float = Field(default=0.25, ge=0, le=1, description="share of patches blanked far from the root")
    crop_margin_mm: float | None = Field(
        default=25.0, description="keep this much beyond a patch around the landmarks; null keeps the whole CT"
    )


class Optimization(_Frozen):
    """AdamW with warm-up and cosine decay; an exponential moving average of the weights is what is kept."""

    steps: int = Field(default=10_000, ge=1)
    batch_size: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    warmup_steps: int = Field(default=200, ge=0)
    gradient_clip: float = Field(default=5.0, gt=0)
    average_decay: float = Field(default=0.998, gt=0, lt=1)
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    seed: int = 0


class HeadLoss(_Frozen):
    """How a head's loss is made up.

    ``share`` of the head in the sum; ``foreground_weight``: how much more a foreground voxel counts in the
    cross-entropy; ``where``: weight of the cross-entropy over voxels, which finds small balls sooner.
    """

    share: float = Field(default=1.0, gt=0)
    foreground_weight: float = Field(default=1.0, gt=0)
    where: float = Field(default=0.0, ge=0)


class Recipe(_Frozen):
    """Everything that determines a run besides its data."""

    stage: StageSpec
    sampling: Sampling = Sampling()
    optimization: Optimization = Optimization()
    head_losses: dict[str, HeadLoss] = {}
    trained: Literal["all"] | tuple[HeadName, ...] = Field(
        default="all", description="all: every tensor; else these heads only, and everything else stays as it is"
    )

    @property
    def trained_heads(self) -> tuple[str, ...]:
        """The heads that learn from labels."""
        return tuple(self.stage.network.heads) if self.trained == "all" else self.trained

    @model_validator(mode="after")
    def _trained_heads_exist(self) -> Self:
        unknown = [head for head in self.trained_heads if head not in self.stage.network.heads]
        if unknown or not self.trained_heads:
            raise ValueError(f"trained names no head of the network: {', '.join(unknown)}")
        return self


class HeadLearning(_Frozen):
    """How heads learn on the features of a network that otherwise stays as it is."""

    sampling: Sampling = Sampling()
    optimization: Optimization = Optimization()
    loss: HeadLoss = HeadLoss()


_Description = TypeVar("_Description", Recipe, HeadLearning)


def read_recipe(name_or_path: str) -> Recipe:
    """Return the built-in recipe of that name, or the one in that JSON file.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is none, or it is wrong.
    """
    return _read(Recipe, name_or_path)


def read_head_learning(name_or_path: str) -> HeadLearning:
    """Return the built-in way of teaching heads of that name, or the one in that JSON file.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is none, or it is wrong.
    """
    return _read(HeadLearning, name_or_path)


def _read(kind: type[_Description], name_or_path: str) -> _Description:
    built_in = BUILT_IN_RECIPES / f"{name_or_path}.json"
    path = built_in if built_in.is_file() else Path(name_or_path)
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _invalid("There is no such recipe.", name_or_path) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _invalid(f"The recipe is wrong at {'.'.join(map(str, first['loc']))}: {first['msg']}.", path) from error


def choose(recipe: Recipe, heads: Sequence[str] | None, steps: int | None, seed: int | None) -> Recipe:
    """Return the recipe with only some of its heads, another number of steps or another seed.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when the recipe does not have one of the heads.
    """
    network = recipe.stage.network
    wanted = list(network.heads) if heads is None else list(heads)
    unknown = [head for head in wanted if head not in network.heads]
    if unknown or not wanted:
        raise _invalid(f"The recipe has no head {', '.join(unknown)}; it has {', '.join(network.heads)}.", "--heads")
    chosen = network.model_copy(update={"heads": {head: network.heads[head] for head in wanted}})
    changes = {"steps": steps, "seed": seed}
    optimization = recipe.optimization.model_copy(update={k: v for k, v in changes.items() if v is not None})
    stage = recipe.stage.model_copy(update={"network": chosen})
    return recipe.model_copy(update={"stage": stage, "optimization": optimization})


def _invalid(what: str, where: object) -> FedkdError:
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID,
        what,
        where=where,
        what_to_do="Use a built-in recipe (student, localizer, teacher, unetr, heads) or correct the file.",
    )
