"""Where PyTorch can run."""

from __future__ import annotations

import torch

from fedkd.errors import ExitCode, FedkdError


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
