"""What a network needs on a processor, known before it runs: to be refused is better than to be ended by the kernel."""

from __future__ import annotations

from fedkd.case.free_memory import free_bytes
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks import PlainConvUNetSpec, ResidualUNetSpec, SwinUNETRSpec, UNETRSpec
from fedkd.networks.spec import AnySpec

# At the finest level, where features of the decoder and of the skip connection lie beside each other and beside what is
# made of them, PyTorch holds so many bytes per voxel and feature at least.
_BYTES_PER_FINEST_FEATURE = 28
# The first attention of a SwinUNETR: three heads in float32, two and a half times (before and after the softmax).
_BYTES_PER_ATTENTION = 30
# OpenVINO uses buffers again that PyTorch keeps: SwinUNETR with windows of 7 took 1032 bytes per voxel with 12 features
# and 64^3, 1129 with 24 and 1821 with 48 and 96^3.
SHARE_OF_OPENVINO = 0.6


def require_memory(stage: StageSpec, share: float = 1.0) -> None:
    """Refuse a network of which not even one patch fits into the memory that is free.

    Args:
        stage: the network and its patch.
        share: of what PyTorch needs.

    Raises:
        FedkdError: OUT_OF_MEMORY.
    """
    needed = int(needed_bytes(stage) * share)
    free = free_bytes()
    if free is None or needed <= free:
        return
    raise FedkdError(
        ExitCode.OUT_OF_MEMORY,
        f"The network needs {needed / 1e6:.0f} MB of memory beside the CT, and {free / 1e6:.0f} MB are free.",
        where=stage.network.architecture,
        what_to_do="Close other programs, raise the memory limit of the container or job, or use a larger machine.",
    )


def needed_bytes(stage: StageSpec) -> int:
    """Return the bytes that one patch takes at its peak while PyTorch runs it, a little less than was measured.

    Less, so that nothing is refused that would fit. Measured beyond what was there before, with one thread, bytes per
    voxel of the patch:

    ======================================  =====  ========  =========
    network                                 patch  measured  estimated
    ======================================  =====  ========  =========
    SwinUNETR, 12 features, windows of 7    64^3   1736      1684
    SwinUNETR, 12 features, windows of 7    96^3   1394      1369
    SwinUNETR, 24 features, windows of 7    96^3   1444      1369
    SwinUNETR, 24 features, windows of 4    96^3   865       672
    SwinUNETR, 48 features, windows of 7    96^3   1643      1369
    nnU-Net's plain UNet, 16 and 32 filters 96^3   510, 969  448, 896
    residual UNet, 32 filters               96^3   921       896
    UNETR, 16 and 64 features               96^3   572,1877  448,1792
    ======================================  =====  ========  =========
    """
    network = stage.network
    finest = _BYTES_PER_FINEST_FEATURE * _finest_features(network) * stage.patch_size**3
    if isinstance(network, SwinUNETRSpec):
        return max(finest, _attention_bytes(network.window_size, stage.patch_size))
    return finest


def _finest_features(network: AnySpec) -> int:
    match network:
        case SwinUNETRSpec() | UNETRSpec():
            return network.feature_size
        case ResidualUNetSpec() | PlainConvUNetSpec():
            return network.filters[0]


def _attention_bytes(window_size: int, patch_size: int) -> int:
    """Return the bytes of the first attention: between all tokens of a window; a token is two voxels wide."""
    tokens = patch_size // 2
    window = min(window_size, tokens)
    padded = -(-tokens // window) * window
    return int(_BYTES_PER_ATTENTION * padded**3 * window**3)
