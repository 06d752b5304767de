"""What a model package says about itself: ``model.json``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.networks.spec import NetworkSpec

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A plain file name beside model.json: a package must never make us open a file elsewhere.
PlainFileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]


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


class PackedStage(StageSpec):
    """A stage and the file that holds its weights."""

    weights: PlainFileName
    sha256: Sha256


class ModelCard(_Frozen):
    """The whole description. Two stages: ``localizer`` over the whole CT, ``student`` around the root."""

    schema_version: Literal[1] = 1
    model_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    notice: Literal["Research software. Not for clinical use."] = NOT_FOR_CLINICAL_USE
    license: str
    intended_use: str
    localizer: PackedStage
    student: PackedStage
    training: dict[str, Any] = Field(description="data, commands, seeds, steps, hours, hardware")
    metrics: dict[str, Any] = Field(description="how it did on unseen cases, with the command that measured it")
