"""The switches that the study's code saves beside the weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fedkd.models.reference.checkpoint_file import Scalar, StateDict
from fedkd.models.refusal import model_invalid

# The numbers of `--task` in the study's code; 0 is the distillation into all heads.
HEAD_OF_TASK = {1: "hps", 2: "ms", 3: "calc"}
_SWITCHES = ("patches", "deep_supervision", "condition_on_seg", "output_seg")
SETTING_NAMES = ("fed_task", *_SWITCHES)
# The federated mean of one and the same number may be off by rounding; sites that differ give a broken number.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class SavedSettings:
    """What was saved; None where a checkpoint does not say.

    Args:
        fed_task: 0 for all heads together, or the one task of `HEAD_OF_TASK`.
        patches: the network saw patches of 96^3 voxels, not the whole cube of 192^3.
        deep_supervision: coarser decoder levels took part in the loss.
        condition_on_seg: the second input channel is the heart's label map.
        output_seg: the network was trained to give label maps.
    """

    fed_task: int | None = None
    patches: bool | None = None
    deep_supervision: bool | None = None
    condition_on_seg: bool | None = None
    output_seg: bool | None = None

    def as_dict(self) -> dict[str, int | bool]:
        """Return the settings that were saved."""
        return {name: getattr(self, name) for name in SETTING_NAMES if getattr(self, name) is not None}


def saved_settings(state: StateDict) -> SavedSettings:
    """Return the settings of a checkpoint.

    Raises:
        FedkdError: MODEL_INVALID when one is no whole number: the sites' settings differed.
    """
    whole = {name: _whole(state, name, _value(state, name)) for name in SETTING_NAMES if _has(state, name)}
    switches = {name: bool(value) for name, value in whole.items() if name in _SWITCHES}
    return SavedSettings(fed_task=whole.get("fed_task"), **switches)


def _has(state: StateDict, name: str) -> bool:
    return name in state.scalars or (name in state.tensors and state.tensors[name].numel() == 1)


def _value(state: StateDict, name: str) -> Scalar:
    return state.scalars[name] if name in state.scalars else state.tensors[name].item()


def _whole(state: StateDict, name: str, value: Scalar) -> int:
    if not math.isfinite(value) or abs(value - round(value)) > _ROUNDING:
        raise model_invalid(f"The checkpoint's setting {name} is {value}: it should be a whole number.", state.path)
    return round(value)
