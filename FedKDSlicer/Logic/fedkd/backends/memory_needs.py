"""What a network needs on a processor, known before it runs: to be refused is better than to be ended by the kernel."""

from __future__ import annotations

from fedkd.backends.free_memory import free_bytes
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec

# Peak of resident memory while one patch is run in PyTorch, beyond what was there before, per voxel of the patch:
# SwinUNETR with 24 and 48 features 1472 and 1699, UNETR with 16 features 596, patches of 96^3, PyTorch 2.13 on one
# thread. OpenVINO's peak was 1127 for the first. Feature sizes change it little, since attention makes the peak; the
# lower numbers are taken, so that nothing is refused that would fit. Other networks were not measured.
_BYTES_PER_PATCH_VOXEL = {"swinunetr": 1472, "unetr": 596}


def require_memory(stage: StageSpec) -> None:
    """Refuse a network of which not even one patch fits into the memory that is free.

    Raises:
        FedkdError: OUT_OF_MEMORY.
    """
    needed = needed_bytes(stage)
    free = free_bytes()
    if needed is None or free is None or needed <= free:
        return
    raise FedkdError(
        ExitCode.OUT_OF_MEMORY,
        f"The network needs {needed / 1e9:.1f} GB of memory beside the CT, and {free / 1e9:.1f} GB are free.",
        where=stage.network.architecture,
        what_to_do="Close other programs, raise the memory limit of the container or job, or use a larger machine.",
    )


def needed_bytes(stage: StageSpec) -> int | None:
    """Return the bytes that one patch takes while it is run; None for networks that were not measured."""
    per_voxel = _BYTES_PER_PATCH_VOXEL.get(stage.network.architecture)
    return None if per_voxel is None else per_voxel * stage.patch_size**3
