"""Running a stage's network on a CT: sampling the grid, normalizing, sliding the window."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from monai.inferers.inferer import SlidingWindowInferer

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.models.card import Normalization, StageSpec
from fedkd.networks import MultiHeadNetwork
from fedkd.volumes import AIR_HU, downsample_to_grid, voxels_around

HeadProbabilities = dict[str, npt.NDArray[np.float32]]

_OVERLAP = 0.25


def normalize(ct_hu: npt.NDArray[np.generic], normalization: Normalization) -> npt.NDArray[np.float32]:
    """Return ``(clip(hu) - mean) / sd`` as float32, any shape."""
    clipped = np.clip(ct_hu.astype(np.float32), normalization.clip_low_hu, normalization.clip_high_hu)
    return (clipped - np.float32(normalization.mean_hu)) / np.float32(normalization.sd_hu)


def probabilities_on_patch(
    network: MultiHeadNetwork, stage: StageSpec, ct_hu: npt.NDArray[np.generic], device: torch.device
) -> HeadProbabilities:
    """Return for each head the class probabilities (channels, z, y, x) of one patch.

    Args:
        network: the stage's network, in evaluation mode.
        stage: its description.
        ct_hu: (z, y, x), each side ``stage.patch_size``.
        device: where the network is.
    """
    x = torch.from_numpy(normalize(ct_hu, stage.normalization))[None, None].to(device)
    with torch.inference_mode(), _autocast(device):
        logits = network(x)
    return {name: _softmax(values)[0] for name, values in logits.items()}


def probabilities_by_window(
    network: MultiHeadNetwork,
    stage: StageSpec,
    ct_hu: npt.NDArray[np.generic],
    device: torch.device,
    tick: Callable[[], None],
) -> HeadProbabilities:
    """Return class probabilities for a CT of any size, by a sliding window with Gaussian weights.

    Args:
        network: the stage's network, in evaluation mode.
        stage: its description.
        ct_hu: (z, y, x) on the stage's spacing.
        device: where the network is.
        tick: called before every window, for progress.
    """
    heads = list(stage.network.heads)

    def predict(patch: torch.Tensor) -> torch.Tensor:
        tick()
        with _autocast(device):
            logits = network(patch.to(device))
        return torch.cat([logits[name].float().softmax(dim=1).cpu() for name in heads], dim=1)

    inferer = SlidingWindowInferer(
        roi_size=(stage.patch_size,) * 3,
        overlap=_OVERLAP,
        mode="gaussian",
        padding_mode="constant",
        cval=float(normalize(np.array(AIR_HU), stage.normalization)),
    )
    x = torch.from_numpy(normalize(ct_hu, stage.normalization))[None, None]
    with torch.inference_mode():
        stacked = torch.as_tensor(inferer(x, predict))  # one output, so no tuple and no dictionary
    sizes = [stage.network.heads[name] for name in heads]
    return {name: part[0].numpy() for name, part in zip(heads, torch.split(stacked, sizes, dim=1), strict=True)}


def window_count(shape_zyx: tuple[int, ...], patch_size: int) -> int:
    """Return into how many windows `probabilities_by_window` divides a volume."""
    step = int(patch_size * (1 - _OVERLAP))
    return math.prod(1 + math.ceil(max(0, size - patch_size) / step) for size in shape_zyx)


def choose_device(name: str) -> torch.device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``.

    Raises:
        FedkdError: DEPENDENCY_MISSING when there is no GPU for ``cuda``; USAGE for any other name.
    """
    has_gpu = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if has_gpu else "cpu")
    if name not in ("cpu", "cuda"):
        raise FedkdError(
            ExitCode.USAGE,
            f"{name!r} is no device.",
            where="--device",
            what_to_do="Use auto, cpu or cuda.",
        )
    if name == "cuda" and not has_gpu:
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "This computer has no GPU that PyTorch can use.",
            where="--device cuda",
            what_to_do="Use --device auto, or install PyTorch for your GPU.",
        )
    return torch.device(name)


def crop_array(ct: sitk.Image, grid: Grid) -> npt.NDArray[np.int16]:
    """Return the CT on ``grid``, ``(z, y, x)`` in HU: averaged where its voxels are finer; air outside of it."""
    box = voxels_around(Grid.of(ct), grid, margin_mm=2 * max(grid.spacing_mm))
    if box is None:
        return np.full(grid.size_xyz[::-1], AIR_HU, np.int16)
    index, size = box
    array: npt.NDArray[np.int16] = sitk.GetArrayFromImage(
        downsample_to_grid(sitk.RegionOfInterest(ct, size, index), grid)
    )
    return array


def _autocast(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def _softmax(logits: torch.Tensor) -> npt.NDArray[np.float32]:
    probabilities: npt.NDArray[np.float32] = logits.float().softmax(dim=1).cpu().numpy()
    return probabilities
