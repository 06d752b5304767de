"""What a checkpoint's names and shapes say, and the network made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError

from fedkd.models.refusal import model_invalid
from fedkd.networks import AnySpec, build_network
from fedkd.networks.multi_head import MultiHeadNetwork

_NAMED_AT_MOST = 8


class Tensors(dict[str, torch.Tensor]):
    """Tensors by name, which says so when one is missing that must be there to know the network."""

    def __init__(self, path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
        super().__init__(tensors)
        self.path = path

    def shape(self, name: str, dimensions: int) -> tuple[int, ...]:
        """Return the shape of tensor ``name``.

        Raises:
            FedkdError: MODEL_INVALID when it is missing or has not so many dimensions.
        """
        if name not in self:
            raise model_invalid(f"The checkpoint has no {name}, which its other tensors ask for.", self.path)
        shape = tuple(self[name].shape)
        if len(shape) != dimensions:
            raise model_invalid(f"The checkpoint's {name} has the shape {shape}: it is no such network's.", self.path)
        return shape

    def numbers_after(self, prefix: str) -> list[int]:
        """Return the numbers that follow ``prefix`` in names, ascending."""
        parts = {name[len(prefix) :].split(".", 1)[0] for name in self if name.startswith(prefix)}
        return sorted(int(part) for part in parts if part.isdecimal() and len(part) < 4)

    def heads(self) -> dict[str, int]:
        """Return name and channels of the heads that are 1x1x1 convolutions of MONAI (``outs.<head>.conv.conv``)."""
        start, end = "outs.", ".conv.conv.weight"
        names = [name[len(start) : -len(end)] for name in self if name.startswith(start) and name.endswith(end)]
        return {name: self.shape(f"{start}{name}{end}", 5)[0] for name in names}


@dataclass(frozen=True)
class Inferred:
    """What a checkpoint is.

    Args:
        kind: for people, such as ``multi-head SwinUNETR``.
        spec: the network.
        tensors: those of the checkpoint.
        name_of: our name of a weight to the checkpoint's.
        is_unused: true for names that such checkpoints have, although no result depends on them.
    """

    kind: str
    spec: AnySpec
    tensors: Tensors
    name_of: Callable[[str], str]
    is_unused: Callable[[str], bool]


def make_spec(path: Path, make: Callable[[], AnySpec]) -> AnySpec:
    """Return what ``make`` makes of inferred numbers.

    Raises:
        FedkdError: MODEL_INVALID when no network of this program has such numbers.
    """
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the network"
        raise model_invalid(f"The checkpoint's {place} is not one this program knows: {first['msg']}.", path) from error


def network_of(inferred: Inferred) -> MultiHeadNetwork:
    """Return the network with the checkpoint's weights, in evaluation mode.

    Raises:
        FedkdError: MODEL_INVALID, naming what is missing, left over, of another shape, or not finite.
    """
    path = inferred.tensors.path
    try:
        network = build_network(inferred.spec)
    except (KeyError, ValueError) as error:
        raise model_invalid(f"The checkpoint's network cannot be built: {error}.", path) from error
    wanted = {inferred.name_of(name): weight for name, weight in network.named_parameters()}
    _check_names(inferred, wanted)
    with torch.no_grad():
        for name, weight in wanted.items():
            given = inferred.tensors[name]
            if given.shape != weight.shape:
                shapes = f"{tuple(given.shape)} instead of {tuple(weight.shape)}"
                raise model_invalid(f"The checkpoint's {name} has the shape {shapes}.", path)
            weight.copy_(given.to(weight.dtype))
            if not bool(torch.isfinite(weight).all()):
                raise model_invalid(f"The checkpoint's {name} holds values that are no finite numbers.", path)
    return network.eval()


def _check_names(inferred: Inferred, wanted: Iterable[str]) -> None:
    wanted = set(wanted)
    missing = sorted(wanted - set(inferred.tensors))
    left_over = sorted(name for name in set(inferred.tensors) - wanted if not inferred.is_unused(name))
    problems = [
        f"{word}: {_listed(names)}" for word, names in (("missing", missing), ("left over", left_over)) if names
    ]
    if problems:
        raise model_invalid(
            f"The checkpoint is not quite a {inferred.kind} ({'; '.join(problems)}).", inferred.tensors.path
        )


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(name[:100] for name in names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
