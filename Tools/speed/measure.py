"""All measurements of a plan, one step after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import torch
from rich.console import Console

from fedkd.models import load_model
from speed.command import Bench, run_command, run_counted, runs_of
from speed.machine import this_machine
from speed.pairs import run_pairs
from speed.phantoms import ct_of
from speed.plan import FULL, Plan, Size
from speed.reference import write_reference_package
from speed.results import CommandRun, CountedRun, Pairs, SizeRuns, SpeedReport, Throughput
from speed.steps import Steps, in_own_process
from speed.throughput import measure_throughput


def measure(plan: Plan, folder: Path, console: Console) -> SpeedReport:
    """Measure what has not been measured yet with this code, and return everything."""
    bench = Bench(folder)
    steps = Steps(folder / "steps", repr(plan), console)
    console.print("phantoms ...")
    cts = {size.name: ct_of(size, folder / "phantoms") for size in plan.sizes}
    compared = cts[plan.compared.name]
    first = plan.backends[0]

    def runs(size: Size) -> SizeRuns:
        return steps.result(size.name, SizeRuns, lambda: runs_of(size, cts[size.name], plan, bench))

    def reference_command() -> CommandRun:
        return run_command(compared, "torch", bench, write_reference_package(folder / "reference_model"))

    def pairs(device: str) -> Pairs:
        return steps.result(f"pairs_{device}", Pairs, lambda: in_own_process(run_pairs, compared, plan, device))

    def throughput(device: str) -> Throughput:
        backends = plan.backends if device == "cpu" else ("torch",)
        return steps.result(
            f"throughput_{device}",
            Throughput,
            lambda: in_own_process(measure_throughput, device, backends, plan.repeats),
        )

    def counted(name: str, cases: int) -> CountedRun:
        return steps.result(name, CountedRun, lambda: run_counted(compared, cases, first, bench))

    return SpeedReport(
        measured_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        model_id=load_model().model_id,
        quick=plan != FULL,
        machine=this_machine(),
        sizes=tuple(runs(size) for size in plan.sizes),
        reference_command=steps.result("reference_command", CommandRun, reference_command)
        if plan.reference_command
        else None,
        pairs=tuple(pairs(device) for device in _devices()),
        single_counted=counted("single", 1),
        cohort_counted=counted("cohort", plan.cohort) if plan.cohort else None,
        throughput=tuple(throughput(device) for device in _devices()),
    )


def _devices() -> tuple[str, ...]:
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
