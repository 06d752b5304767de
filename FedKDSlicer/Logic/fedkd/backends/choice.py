"""Which backend runs the networks on this computer."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

import torch

from fedkd.backends.devices import choose_device
from fedkd.backends.runner import Backend, StageRunner
from fedkd.backends.torch_backend import TorchBackend
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks.multi_head import MultiHeadNetwork


@dataclass(frozen=True)
class Target:
    """What the user asks for. ``backend``: auto, torch or openvino. ``device``: auto, cpu or cuda."""

    backend: str = "auto"
    device: str = "auto"


def choose_backend(target: Target) -> Backend:
    """Return the backend to use: of a free choice, OpenVINO on a processor where it is installed, else PyTorch.

    Raises:
        FedkdError: USAGE for other names, or OpenVINO on a GPU; DEPENDENCY_MISSING when what is asked for is not here.
    """
    device = choose_device(target.device)
    match target.backend:
        case "torch":
            return TorchBackend(device)
        case "openvino":
            return _openvino_on(target.device)
        case "auto":
            return _fastest_on(device)
    raise FedkdError(
        ExitCode.USAGE,
        f"{target.backend!r} is no backend.",
        where="--backend",
        what_to_do="Use auto, torch or openvino.",
    )


def _fastest_on(device: torch.device) -> Backend:
    if device.type != "cpu" or not has_openvino():
        return TorchBackend(device)
    from fedkd.backends.openvino_backend import OpenVinoBackend

    try:
        return _OpenVinoOrTorch(OpenVinoBackend())
    except (ImportError, RuntimeError):  # an installation that is broken, or made for another processor
        return TorchBackend(device)


def _openvino_on(device_name: str) -> Backend:
    if device_name == "cuda":
        raise FedkdError(
            ExitCode.USAGE,
            "OpenVINO runs on the processor here, not on the GPU.",
            where="--backend openvino --device cuda",
            what_to_do="Use --backend torch for the GPU, or --device cpu.",
        )
    if not has_openvino():
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "OpenVINO is not installed.",
            where="--backend openvino",
            what_to_do="Install it (pip install openvino), or use --backend auto.",
        )
    from fedkd.backends.openvino_backend import OpenVinoBackend

    return OpenVinoBackend()


def has_openvino() -> bool:
    """True when OpenVINO is installed; it is not imported yet."""
    return importlib.util.find_spec("openvino") is not None


class _OpenVinoOrTorch:
    """OpenVINO by free choice: a network that it cannot run goes to PyTorch."""

    def __init__(self, preferred: Backend) -> None:
        self._preferred = preferred
        self._fallback = TorchBackend(torch.device("cpu"))
        self._fell_back = False

    @property
    def description(self) -> str:
        """The preferred backend's, and the other's once a network went there."""
        if not self._fell_back:
            return self._preferred.description
        return f"{self._preferred.description}; {self._fallback.description}"

    def prepare(self, network: MultiHeadNetwork, stage: StageSpec) -> StageRunner:
        """Return the network, ready to run."""
        try:
            return self._preferred.prepare(network, stage)
        except FedkdError:
            self._fell_back = True
            return self._fallback.prepare(network, stage)
