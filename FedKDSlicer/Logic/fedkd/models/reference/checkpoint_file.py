"""Reading a PyTorch checkpoint of unknown origin: bounded, and without running anything that is in it."""

from __future__ import annotations

import hashlib
import io
import pickletools
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - only the name of the error; nothing is unpickled with it

import torch

from fedkd.models.refusal import model_invalid, read_bounded

# The study's largest network has 62 million weights (250 MB); nnU-Net names each of its tensors four times.
MAX_FILE_BYTES = 2_000_000_000
_MAX_TENSOR_BYTES = 8_000_000_000
_MAX_INDEX_BYTES = 20_000_000
_MAX_ENTRIES = 20_000
# torch.save stores without compression; what unpacks to more than the file itself is a bomb.
_MAX_GROWTH = 1.01
_TENSOR_FUNCTIONS = {
    "collections OrderedDict",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_tensor_v2",
    "torch.nn.parameter Parameter",
    "torch.storage UntypedStorage",
}
_STORAGES = ("Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16", "Float", "Double")
_ALLOWED = _TENSOR_FUNCTIONS | {f"torch {name}Storage" for name in _STORAGES}
_READING_ERRORS = (
    UnpicklingError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    MemoryError,
    OverflowError,
)
# The whole checkpoint may stand under one of these names, beside an optimizer's state or a round's number.
_WRAPPERS = ("model", "state_dict")

Scalar = bool | int | float


@dataclass(frozen=True)
class StateDict:
    """A flat checkpoint: ``tensors`` by name, ``scalars`` (one-element tensors of no weight, numbers) by name."""

    path: Path
    sha256: str
    tensors: dict[str, torch.Tensor]
    scalars: dict[str, Scalar]


def read_state_dict(path: Path) -> StateDict:
    """Return what ``torch.save`` wrote of a network.

    Raises:
        FedkdError: MODEL_NOT_FOUND, or MODEL_INVALID when the file is no checkpoint, is truncated, unpacks to more
            than it is, wants code to be run, or holds something else than tensors and numbers.
    """
    raw = read_bounded(path, MAX_FILE_BYTES)
    _check_archive(path, raw)
    try:
        loaded = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    except _READING_ERRORS as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise model_invalid(f"The checkpoint cannot be read: {first_line.rstrip('.')}.", path) from error
    tensors: dict[str, torch.Tensor] = {}
    scalars: dict[str, Scalar] = {}
    for name, value in _flat(path, loaded).items():
        _sort_in(path, name, value, tensors, scalars)
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    if size > _MAX_TENSOR_BYTES:
        raise model_invalid(f"The checkpoint's tensors would take {size / 1e9:.0f} GB: no model does.", path)
    return StateDict(path, hashlib.sha256(raw).hexdigest(), tensors, scalars)


def _check_archive(path: Path, raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES:
                raise model_invalid("The file has more parts than any checkpoint.", path)
            if sum(entry.file_size for entry in entries) > _MAX_GROWTH * len(raw):
                raise model_invalid("The file would unpack to more than it is: torch.save does not write such.", path)
            indices = [entry for entry in entries if entry.filename.endswith("data.pkl")]
            if len(indices) != 1 or indices[0].file_size > _MAX_INDEX_BYTES:
                raise model_invalid("This is no checkpoint of PyTorch: it has no list of tensors.", path)
            index = archive.read(indices[0])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise model_invalid(
            "This is no model package and no checkpoint of PyTorch 1.6 or later, or it is truncated.", path
        ) from error
    _check_index(path, index)


def _check_index(path: Path, index: bytes) -> None:
    """Refuse what wants to call anything but what makes tensors, by name: torch's own refusal comes second."""
    try:
        for opcode, argument, _ in pickletools.genops(index):
            if opcode.name in ("GLOBAL", "INST") and argument not in _ALLOWED:
                called = str(argument).replace(" ", ".")
                raise model_invalid(f"The file wants {called!r} to be run: a checkpoint does not.", path)
            if opcode.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
                raise model_invalid("The file wants functions to be run that it does not name openly.", path)
    except ValueError as error:
        raise model_invalid("The checkpoint's list of tensors is damaged.", path) from error


def _flat(path: Path, loaded: object) -> dict[str, object]:
    for wrapper in _WRAPPERS:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not loaded:
        raise model_invalid("The file holds no tensors by name.", path)
    return {str(name): value for name, value in loaded.items()}


def _sort_in(
    path: Path, name: str, value: object, tensors: dict[str, torch.Tensor], scalars: dict[str, Scalar]
) -> None:
    if isinstance(value, bool | int | float):
        scalars[name] = value
        return
    if not isinstance(value, torch.Tensor) or value.layout is not torch.strided or value.is_quantized:
        raise model_invalid(f"The checkpoint's {name[:100]!r} is no tensor.", path)
    if value.ndim == 0:
        scalars[name] = value.item()
    else:
        tensors[name] = value.detach()
