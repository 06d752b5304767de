"""Time the backends side by side in one run, and compare their landmarks.

``python Tools/bench_backends.py CT [--rounds 5] [--json FILE]``

Patches are timed in turns, one of each backend after the other, so that whatever else the computer does slows all of
them alike; ratios are medians over the rounds of one backend's seconds divided by torch float32's of the same round.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from fedkd.atomic import write_text_atomically
from fedkd.backends import Backend, ReadyModel, StageRunner
from fedkd.backends.choice import has_openvino
from fedkd.backends.torch_backend import TorchBackend
from fedkd.case.memory import forget_peak, peak_mb
from fedkd.models import LoadedModel, load_model
from fedkd.prediction import Prediction, predict_ready
from fedkd.progress import silent
from fedkd.volumes import CtVolume, read_ct


@dataclass
class Measured:
    """One backend: what it took, in seconds, and what it found."""

    ready: ReadyModel
    prepare_s: float
    patch_s: dict[str, list[float]]
    whole_s: float = 0.0
    peak_mb: float | None = None
    points: dict[str, np.ndarray] | None = None


def backends() -> list[Backend]:
    """Return those that are here; torch float32 on the processor, the standard, first."""
    cpu = torch.device("cpu")
    found: list[Backend] = [TorchBackend(cpu), TorchBackend(cpu, torch.bfloat16)]
    if has_openvino():
        from fedkd.backends.openvino_backend import OpenVinoBackend

        found += [OpenVinoBackend(), OpenVinoBackend(number_format="bf16")]
    if torch.cuda.is_available():
        found.append(TorchBackend(torch.device("cuda")))
    return found


def prepared(backend: Backend, model: LoadedModel) -> Measured:
    """Return the model, ready with this backend; a copy of its own, since GPUs move the weights."""
    started = time.perf_counter()
    card, (coarse_stage, coarse) = model.card, model.coarse
    localizer = backend.prepare(coarse, coarse_stage)
    student = backend.prepare(model.network, card.student)
    ready = ReadyModel(card, student, localizer, backend.description)
    return Measured(ready, time.perf_counter() - started, {"student": [], "localizer": []})


def time_patch(runner: StageRunner) -> float:
    """Return the seconds of one patch of noise."""
    stage = runner.stage
    side = stage.patch_size
    patch = np.random.default_rng(0).normal(size=(1, stage.network.in_channels, side, side, side)).astype(np.float32)
    started = time.perf_counter()
    runner.probabilities(patch)
    return time.perf_counter() - started


def time_whole(one: Measured, ct: CtVolume) -> None:
    """Predict the CT, and note time, memory and landmarks."""
    forget_peak()
    started = time.perf_counter()
    prediction: Prediction = predict_ready(ct, one.ready, None, silent)
    one.whole_s = time.perf_counter() - started
    one.peak_mb = peak_mb()
    one.points = {
        point.label: np.array(point.position_lps_mm)
        for point in prediction.points.points
        if point.position_lps_mm is not None
    }


def summary(one: Measured, standard: Measured) -> dict[str, Any]:
    """Return the numbers of one backend."""
    assert one.points is not None and standard.points is not None  # noqa: PT018 - both were predicted
    shared = [name for name in standard.points if name in one.points]
    apart_mm = [float(np.linalg.norm(one.points[name] - standard.points[name])) for name in shared]
    return {
        "backend": one.ready.backend,
        "prepare_s": one.prepare_s,
        **{f"{stage}_patch_s": float(np.median(seconds)) for stage, seconds in one.patch_s.items()},
        **{
            f"{stage}_ratio": float(np.median(np.divide(seconds, standard.patch_s[stage])))
            for stage, seconds in one.patch_s.items()
        },
        "whole_s": one.whole_s,
        "peak_mb": one.peak_mb,
        "points": len(one.points),
        "most_apart_mm": max(apart_mm, default=None),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ct", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model, ct = load_model(), read_ct(options.ct)
    measured = [prepared(backend, load_model()) for backend in backends()]
    for number in range(options.rounds + 1):
        for one in measured:
            for stage, runner in (("student", one.ready.student), ("localizer", one.ready.coarse)):
                seconds = time_patch(runner)
                if number > 0:  # the first one warms up
                    one.patch_s[stage].append(seconds)
    for one in measured:
        time_whole(one, ct)
    rows = [summary(one, measured[0]) for one in measured]
    table = Table(*rows[0], title=f"{model.model_id}, {torch.get_num_threads()} threads")
    for row in rows:
        table.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=160).print(table)
    if options.json:
        write_text_atomically(options.json, json.dumps(rows, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
