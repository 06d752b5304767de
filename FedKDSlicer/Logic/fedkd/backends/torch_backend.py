"""Networks in PyTorch: float32 on a processor; bfloat16 and channels last on a GPU."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from fedkd.backends.memory_needs import require_memory
from fedkd.backends.runner import HeadProbabilities
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks.multi_head import MultiHeadNetwork

# Of the GPU's free memory; the rest is for the convolutions' workspaces and for other programs.
_SHARE_OF_FREE_MEMORY = 0.5
_LARGEST_BATCH = 8


class TorchBackend:
    """PyTorch on one device. ``number_format``: of the arithmetic; by default float32 on a processor, else bfloat16."""

    def __init__(self, device: torch.device, number_format: torch.dtype | None = None) -> None:
        self._device = device
        self._number_format = number_format or (torch.float32 if device.type == "cpu" else torch.bfloat16)

    @property
    def description(self) -> str:
        """Such as ``torch 2.13.0 on cpu, float32``."""
        number_format = str(self._number_format).removeprefix("torch.")
        return f"torch {torch.__version__} on {self._device.type}, {number_format}"

    def prepare(self, network: MultiHeadNetwork, stage: StageSpec) -> TorchRunner:
        """Move the network to the device and measure there how many patches fit.

        Raises:
            FedkdError: OUT_OF_MEMORY when not even one patch fits.
        """
        if self._device.type == "cpu":
            require_memory(stage)
        network = network.to(self._device).eval()
        if self._device.type == "cuda":
            network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        runner = TorchRunner(network, stage, self._device, self._number_format)
        if self._device.type == "cuda":
            runner.measure_batch_size()
        return runner


class TorchRunner:
    """A stage's network in PyTorch. On a processor one patch at a time: more take memory and save nothing."""

    def __init__(
        self, network: MultiHeadNetwork, stage: StageSpec, device: torch.device, number_format: torch.dtype
    ) -> None:
        self._network = network
        self._stage = stage
        self._device = device
        self._number_format = number_format
        self._batch_size = 1

    @property
    def stage(self) -> StageSpec:
        """What the network is."""
        return self._stage

    @property
    def batch_size(self) -> int:
        """Patches at a time."""
        return self._batch_size

    def probabilities(self, patches: npt.NDArray[np.float32]) -> HeadProbabilities:
        """Return class probabilities (batch, channels, z, y, x) of each head."""
        parts: dict[str, list[torch.Tensor]] = {name: [] for name in self._stage.network.heads}
        start = 0
        while start < len(patches):
            chunk = patches[start : start + self._batch_size]
            try:
                found = self._run(torch.from_numpy(chunk))
            except torch.OutOfMemoryError as error:
                self._take_fewer(error)
                continue
            start += len(chunk)
            for name, values in found.items():
                parts[name].append(values)
        return {name: torch.cat(values).numpy() for name, values in parts.items()}

    def measure_batch_size(self) -> None:
        """Run one patch on the GPU and see how many of its size fit into the free memory."""
        side = self._stage.patch_size
        torch.cuda.reset_peak_memory_stats(self._device)
        before = torch.cuda.memory_allocated(self._device)
        self._run(torch.zeros(1, self._stage.network.in_channels, side, side, side))
        needed = max(torch.cuda.max_memory_allocated(self._device) - before, 1)
        # What PyTorch keeps for later use would count as taken.
        torch.cuda.empty_cache()
        free, _ = torch.cuda.mem_get_info(self._device)
        self._batch_size = patches_that_fit(free, needed)

    def _run(self, patches: torch.Tensor) -> dict[str, torch.Tensor]:
        x = patches.to(self._device)
        if self._device.type == "cuda":
            x = x.to(memory_format=torch.channels_last_3d)
        mixed = self._number_format != torch.float32
        with torch.inference_mode(), torch.autocast(self._device.type, self._number_format, enabled=mixed):
            logits = self._network(x)
            return {name: logits[name].float().softmax(dim=1).cpu() for name in self._stage.network.heads}

    def _take_fewer(self, error: torch.OutOfMemoryError) -> None:
        torch.cuda.empty_cache()
        if self._batch_size == 1:
            raise FedkdError(
                ExitCode.OUT_OF_MEMORY,
                "The GPU's memory is too small for the network.",
                where=str(self._device),
                what_to_do="Close other programs that use the GPU, or run on the processor with --device cpu.",
            ) from error
        self._batch_size //= 2


def patches_that_fit(free_bytes: int, bytes_per_patch: int) -> int:
    """Return how many patches at a time to run with so much free memory: at least one."""
    return int(np.clip(free_bytes * _SHARE_OF_FREE_MEMORY // bytes_per_patch, 1, _LARGEST_BATCH))
