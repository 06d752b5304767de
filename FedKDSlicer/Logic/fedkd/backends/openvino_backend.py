"""Networks in OpenVINO on the processor: there about twice as fast as PyTorch, with the same arithmetic."""

from __future__ import annotations

import io
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from fedkd.backends.compiled_cache import CompiledCache, network_digest
from fedkd.backends.memory_needs import SHARE_OF_OPENVINO, require_memory
from fedkd.backends.runner import HeadProbabilities
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks.exported import export_network
from fedkd.networks.multi_head import MultiHeadNetwork

if TYPE_CHECKING:
    import openvino

_DEVICE = "CPU"


def import_openvino() -> Any:  # noqa: ANN401 - the module itself
    """Import OpenVINO without the package by which it reports its use to its makers.

    Unless somebody opted out beforehand, that one reports every import. Marked as absent, it is not missed.
    """
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


class OpenVinoBackend:
    """OpenVINO on the processor.

    Args:
        cache: where compiled networks are kept; by default the user's.
        number_format: ``f32``, or ``bf16`` where the processor calculates in it. OpenVINO's own choice would be the
            second; it takes 0.6 of the time, but one landmark in fifty then lies half a millimeter elsewhere
            (``Tools/bench_backends.py`` measures both).
    """

    def __init__(self, cache: CompiledCache | None = None, number_format: str = "f32") -> None:
        self._openvino = import_openvino()
        self._core: openvino.Core = self._openvino.Core()
        self._cache = cache or CompiledCache.of_user()
        self._capabilities = sorted(self._core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES"))
        self._number_format = number_format

    @property
    def description(self) -> str:
        """Such as ``openvino 2026.4.1 on cpu, f32``."""
        return f"openvino {self._version.split('-')[0]} on cpu, {self._number_format}"

    @property
    def _version(self) -> str:
        return str(self._openvino.get_version())

    def prepare(self, network: MultiHeadNetwork, stage: StageSpec) -> OpenVinoRunner:
        """Return the network compiled for this processor, from the user's cache where it is there already.

        Raises:
            FedkdError: DEPENDENCY_MISSING when OpenVINO cannot run this network; OUT_OF_MEMORY when not even one patch
                fits.
        """
        require_memory(stage, SHARE_OF_OPENVINO)
        processor = str(self._core.get_property(_DEVICE, "FULL_DEVICE_NAME"))
        key = (network_digest(network, stage), self._version, processor, *self._capabilities, self._number_format)
        compiled = self._from_cache(key)
        if compiled is None:
            compiled = self._compile(network, stage)
            self._cache.write(key, _as_bytes(compiled.export_model()))
        return OpenVinoRunner(compiled, stage)

    def _settings(self) -> dict[str, str | int | bool]:
        return {
            "PERFORMANCE_HINT": "LATENCY",
            # A thread that is tied to a core waits there for whatever else the computer does.
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": self._number_format,
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }

    def _from_cache(self, key: tuple[str, ...]) -> openvino.CompiledModel | None:
        stored = self._cache.read(key)
        if stored is None:
            return None
        try:
            return self._core.import_model(io.BytesIO(stored), _DEVICE, self._settings())
        except RuntimeError:
            return None

    def _compile(self, network: MultiHeadNetwork, stage: StageSpec) -> openvino.CompiledModel:
        try:
            return self._core.compile_model(self._convert(network, stage), _DEVICE, self._settings())
        except (RuntimeError, ValueError, TypeError) as error:  # torch.export's own errors are RuntimeErrors
            raise FedkdError(
                ExitCode.DEPENDENCY_MISSING,
                f"OpenVINO cannot run this network: {error}",
                where=f"{stage.network.architecture}, {self.description}",
                what_to_do="Use --backend torch.",
            ) from error

    def _convert(self, network: MultiHeadNetwork, stage: StageSpec) -> openvino.Model:
        exported = export_network(network, stage.network.in_channels, stage.patch_size)
        with warnings.catch_warnings():
            # Deprecations within the libraries, about which a user can do nothing.
            warnings.simplefilter("ignore")
            return self._openvino.convert_model(exported)


class OpenVinoRunner:
    """A compiled network. It uses all cores for one patch, so patches go one after the other."""

    def __init__(self, compiled: openvino.CompiledModel, stage: StageSpec) -> None:
        self._request = compiled.create_infer_request()
        self._stage = stage

    @property
    def stage(self) -> StageSpec:
        """What the network is."""
        return self._stage

    @property
    def batch_size(self) -> int:
        """One."""
        return 1

    def probabilities(self, patches: npt.NDArray[np.float32]) -> HeadProbabilities:
        """Return class probabilities (batch, channels, z, y, x) of each head."""
        parts: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in self._stage.network.heads}
        for patch in patches:
            self._request.infer([np.ascontiguousarray(patch[None])])
            for index, name in enumerate(parts):
                logits = torch.from_numpy(self._request.get_output_tensor(index).data)
                parts[name].append(logits.softmax(dim=1).numpy())
        return {name: np.concatenate(values) for name, values in parts.items()}


def _as_bytes(exported: object) -> bytes:
    return exported.getvalue() if isinstance(exported, io.BytesIO) else bytes(exported)  # type: ignore[call-overload]
