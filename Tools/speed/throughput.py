"""How much of the device's arithmetic the student reaches, and which operations take its time."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from fedkd.backends import StageRunner, Target, make_ready
from fedkd.models import load_model
from speed.results import OperationShare, Speed, Throughput

_TOP = 5
_MATMUL_SIZE = {"cpu": 2048, "cuda": 8192}
_BATCHES = {"cpu": (1,), "cuda": (1, 2, 4, 8, 16)}
# What the operations of convolutions and matrix products are called, on processors and on GPUs.
_MATRIX_WORDS = ("conv", "gemm", "::mm", "::bmm", "addmm", "attention", "cutlass", "cudnn", "wgrad", "xmma", "nvjet")
_NO_MATRIX_WORDS = ("nchwtonhwc", "nhwctonchw", "tensortransform")


@dataclass(frozen=True)
class _Timer:
    device: torch.device
    repeats: int

    def median_s(self, work: Callable[[], object]) -> float:
        """Return the median seconds of some repeats, after one that warms up."""
        self._seconds(work)
        return statistics.median(self._seconds(work) for _ in range(self.repeats))

    def _seconds(self, work: Callable[[], object]) -> float:
        self._wait()
        started = time.perf_counter()
        work()
        self._wait()
        return time.perf_counter() - started

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def measure_throughput(device_name: str, backends: tuple[str, ...], repeats: int) -> Throughput:
    """Time the student alone in PyTorch, by batch, and in each backend as the product runs it."""
    timer = _Timer(torch.device(device_name), repeats)
    device = timer.device
    number_format = torch.float32 if device_name == "cpu" else torch.bfloat16
    peak = _matmul_flops(timer, number_format)
    model = load_model()
    stage = model.card.student
    network = model.network.to(device).eval()
    if device_name == "cuda":
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    shape = (stage.network.in_channels, *(stage.patch_size,) * 3)

    def forward(batch: int) -> Callable[[], object]:
        x = torch.zeros(batch, *shape, device=device)
        x = x.to(memory_format=torch.channels_last_3d) if device_name == "cuda" else x
        return lambda: network(x)

    with torch.inference_mode(), _number_format(device_name, number_format):
        with FlopCounterMode(display=False) as counter:
            forward(1)()
        flops = float(counter.get_total_flops())
        seconds = {batch: timer.median_s(forward(batch)) for batch in _BATCHES[device_name]}
        matrix_share, top = _profiled(forward(max(seconds)), device_name)
    name = str(number_format).removeprefix("torch.")

    def speed(how: str, batch: int, taken_s: float) -> Speed:
        rate = flops * batch / taken_s
        return Speed(how=how, batch=batch, seconds=taken_s, tflops=rate / 1e12, share_of_peak=rate / peak)

    speeds = [speed(f"PyTorch, {name}, network alone", batch, taken_s) for batch, taken_s in seconds.items()]
    for backend in backends:
        ready = make_ready(load_model(), Target(backend, device_name))
        batch = ready.student.batch_size
        speeds.append(speed(f"as used: {ready.backend}", batch, timer.median_s(_as_used(ready.student, batch))))
    return Throughput(
        device=device_name,
        number_format=name,
        matmul_size=_MATMUL_SIZE[device_name],
        peak_tflops=peak / 1e12,
        gflop_per_patch=flops / 1e9,
        speeds=tuple(speeds),
        matrix_share=matrix_share,
        top_operations=top,
    )


def _number_format(device_name: str, number_format: torch.dtype) -> contextlib.AbstractContextManager[Any]:
    return torch.autocast(device_name, number_format, enabled=number_format != torch.float32)


def _as_used(runner: StageRunner, batch: int) -> Callable[[], object]:
    """Return the call that the engine makes: arrays in, probabilities out, copies and softmax included."""
    stage = runner.stage
    patches = np.zeros((batch, stage.network.in_channels, *(stage.patch_size,) * 3), np.float32)
    return lambda: runner.probabilities(patches)


def _matmul_flops(timer: _Timer, number_format: torch.dtype) -> float:
    """Return the operations a second of a large product of square matrices: the most that this device does."""
    size = _MATMUL_SIZE[timer.device.type]
    a, b = (torch.randn(size, size, device=timer.device, dtype=number_format) for _ in range(2))
    return 2.0 * size**3 / timer.median_s(lambda: a @ b)


def _profiled(work: Callable[[], object], device_name: str) -> tuple[float, tuple[OperationShare, ...]]:
    """Return the share of matrix operations in the time of all, and the operations that take the most."""
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device_name == "cuda" else [])]
    with profile(activities=activities) as profiled:
        work()
        if device_name == "cuda":
            torch.cuda.synchronize()
    on_gpu = device_name == "cuda"
    field = "self_device_time_total" if on_gpu else "self_cpu_time_total"
    events = profiled.key_averages()
    # On a GPU the kernels alone: the operations that started them have the same times once more.
    kept = [event for event in events if not on_gpu or str(event.device_type).endswith("CUDA")]
    taken = {event.key: float(getattr(event, field)) for event in kept}
    whole = sum(taken.values())
    matrix = sum(value for name, value in taken.items() if _is_matrix(name))
    top = sorted(taken, key=taken.__getitem__, reverse=True)[:_TOP]
    return matrix / whole, tuple(OperationShare(name=name[:80], share=taken[name] / whole) for name in top)


def _is_matrix(operation: str) -> bool:
    name = operation.lower()
    return any(word in name for word in _MATRIX_WORDS) and not any(word in name for word in _NO_MATRIX_WORDS)
