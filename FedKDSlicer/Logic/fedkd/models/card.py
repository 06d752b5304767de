"""What a model package says about itself: ``model.json``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import HEADS
from fedkd.confidence import Calibration
from fedkd.networks.head_names import HeadName, problem_with_name
from fedkd.networks.spec import NetworkSpec
from fedkd.plain_text import printable

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A plain file name beside model.json: a package must never make us open a file elsewhere.
PlainFileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]

# Becomes the name of a segment in files of other programs.
CLASS_NAME_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9 ._()+-]{0,62}[A-Za-z0-9._()+-])?$"
ClassName = Annotated[str, Field(pattern=CLASS_NAME_PATTERN)]


def _plain(text: str) -> str:
    if printable(text) != text:
        raise ValueError("it holds characters that are no text")
    return text


# Shown on terminals, and written into exported models.
_PlainText = Annotated[str, AfterValidator(_plain)]

_COARSE_HEADS = ("hps", "heart")
# A student's heart head is optional: without it calcification has the network's own outline.
_FINE_HEADS = ("hps", "ms", "calc")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Normalization(_Frozen):
    """``(clip(hu, clip_low_hu, clip_high_hu) - mean_hu) / sd_hu``."""

    clip_low_hu: float
    clip_high_hu: float
    mean_hu: float
    sd_hu: float = Field(gt=0)


class StageSpec(_Frozen):
    """One network of the package: what it is, and on which grid it looks at the CT."""

    network: NetworkSpec
    spacing_mm: float = Field(gt=0.1, le=10)
    patch_size: int = Field(ge=16, le=256, description="voxels along each axis of one input patch")
    ball_radius_mm: float = Field(gt=0, le=20, description="radius of the balls that stood for points in training")
    normalization: Normalization
    condition: Literal["heart_labels"] | None = Field(
        default=None, description="heart_labels: the second input channel is the heart's label map, raw integers 0 to 7"
    )
    class_names: dict[HeadName, tuple[ClassName, ...]] = Field(
        default={}, description="of heads that this software does not know: their classes from 1 on, without background"
    )

    def channels_of(self, head: str) -> tuple[str, ...]:
        """Return the names of a head's channels, background first; numbers where nobody named them."""
        if head in HEADS:
            return HEADS[head].channels
        if head in self.class_names:
            return ("background", *self.class_names[head])
        return tuple(str(channel) for channel in range(self.network.heads[head]))

    @model_validator(mode="after")
    def _class_names_fit(self) -> Self:
        for head, names in self.class_names.items():
            problem = "the classes of this head are known" if head in HEADS else problem_with_name(head)
            if problem is not None:
                raise ValueError(f"class_names cannot hold {head}: {problem}")
            if self.network.heads.get(head) != len(names) + 1:
                raise ValueError(f"{len(names)} class names do not fit the head {head}")
            if len({name.casefold() for name in names}) < len(names):
                raise ValueError(f"two classes of the head {head} have one name")
        return self

    @model_validator(mode="after")
    def _channels_are_known(self) -> Self:
        expected = 1 if self.condition is None else 2
        if self.network.in_channels != expected:
            raise ValueError(f"the network takes {self.network.in_channels} channels; there are {expected}")
        return self

    @model_validator(mode="after")
    def _patch_fits_network(self) -> Self:
        multiple = self.network.side_multiple
        if self.patch_size % multiple:
            raise ValueError(f"patch_size {self.patch_size} is no multiple of the {multiple} that the network needs")
        return self


class PackedStage(StageSpec):
    """A stage and the file that holds its weights."""

    weights: PlainFileName
    sha256: Sha256

    def bare(self) -> StageSpec:
        """Return the description without the file."""
        return StageSpec.model_validate(self.model_dump(exclude={"weights", "sha256"}))


class ModelCard(_Frozen):
    """The whole description.

    Two stages: ``localizer`` over the whole CT, ``student`` around the root. Models of the study's code have no
    localizer: they look at one cube of the CT, wherever the root is in it.
    """

    schema_version: Literal[1] = 1
    model_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    notice: Literal["Research software. Not for clinical use."] = NOT_FOR_CLINICAL_USE
    license: _PlainText
    intended_use: _PlainText
    localizer: PackedStage | None = None
    student: PackedStage
    calibration: Calibration | None = Field(default=None, description="of the confidence; null: it is not calibrated")
    training: dict[str, Any] = Field(description="data, commands, seeds, steps, hours, hardware")
    metrics: dict[str, Any] = Field(description="how it did on unseen cases, with the command that measured it")

    @property
    def weights_sha256(self) -> tuple[str, ...]:
        """The hashes of the networks, which stay the same when the description changes."""
        return tuple(stage.sha256 for stage in (self.localizer, self.student) if stage is not None)

    @property
    def procedure(self) -> Literal["coarse_to_fine", "reference"]:
        """How it is used: in two stages, or in the way of the study's code."""
        return "reference" if self.localizer is None else "coarse_to_fine"

    @model_validator(mode="after")
    def _stages_see_what_prediction_asks_of_them(self) -> Self:
        if self.localizer is None:
            _check_reference(self.student.network)
            return self
        if self.localizer.condition is not None:
            raise ValueError("the localizer takes a heart label map; it is the one that finds the heart")
        _check_network("localizer", self.localizer.network, _COARSE_HEADS)
        _check_network("student", self.student.network, _FINE_HEADS)
        return self


def first_problem(error: ValidationError) -> str:
    """Return the first thing that pydantic found wrong, with its place."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def _check_reference(network: NetworkSpec) -> None:
    if not any(head in HEADS for head in network.heads):
        raise ValueError(f"none of the heads {', '.join(network.heads)} is one of {', '.join(HEADS)}")
    _check_network("network", network, ())


def _check_network(name: str, network: NetworkSpec, needed: tuple[str, ...]) -> None:
    missing = [head for head in needed if head not in network.heads]
    if missing:
        raise ValueError(f"the {name} has no head {', '.join(missing)}")
    for head, channels in network.heads.items():
        if head in HEADS and channels != len(HEADS[head].channels):
            raise ValueError(f"the {name}'s head {head} has {channels} channels, not {len(HEADS[head].channels)}")
