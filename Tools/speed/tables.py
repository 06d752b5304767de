"""The measurements as tables: for the terminal, and in Markdown for the documents."""

from __future__ import annotations

from speed.aims import aims_of
from speed.ratios import Ratio, command_ratio, ratios_of, typical
from speed.results import CommandRun, CountedRun, Pairs, SizeRuns, SpeedReport
from speed.sheet import Sheet

_STAGES = ("read", "localize", "landmarks", "calcification", "measure", "scene", "report")


def sheets_of(report: SpeedReport) -> list[Sheet]:
    """Return all tables."""
    return [
        *aims_of(report),
        _commands(report),
        *(_contestants(pairs) for pairs in report.pairs),
        _ratios(report),
        _shares(report),
    ] + [
        _throughput(report),
        _operations(report),
    ]


def machine_sentence(report: SpeedReport) -> str:
    """Return in a sentence what it was measured on."""
    machine = report.machine
    memory = "" if machine.memory_gb is None else f", {machine.memory_gb:.0f} GB"
    gpu = "no GPU" if machine.gpu is None else machine.gpu
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return (
        f"Measured {report.measured_utc[:10]} on {machine.processor}, {machine.cores} cores, {machine.threads} threads"
        f"{memory}, {gpu}; model {report.model_id}; {versions}."
    )


def _commands(report: SpeedReport) -> Sheet:
    columns = ("CT, how it was run", "whole", "start-up", *_STAGES, "processors", "peak RSS", "peak PSS")
    rows = []
    for size in report.sizes:
        title = " x ".join(map(str, size.size_xyz))
        if size.cold is not None:
            rows.append(_command_row(f"{title}, first run", size.cold))
        rows += [_command_row(f"{title}, {_run_name(name, runs)}", typical(runs)) for name, runs in size.warm.items()]
    if report.reference_command is not None:
        title = " x ".join(map(str, _compared(report).size_xyz))
        rows.append(_command_row(f"{title}, reference procedure", report.reference_command))
    return Sheet("The whole command: seconds, and MB of all its processes together", columns, tuple(rows))


def _run_name(backend: str, runs: tuple[CommandRun, ...]) -> str:
    return backend if len(runs) == 1 else f"{backend}, middle of {len(runs)}"


def _command_row(name: str, run: CommandRun) -> tuple[str, ...]:
    stages = (f"{run.stages_s.get(stage, 0.0):.1f}" for stage in _STAGES)
    memory = (_number(run.peak_rss_mb, 0), _number(run.peak_pss_mb, 0))
    return (name, f"{run.wall_s:.1f}", f"{run.startup_s:.1f}", *stages, f"{run.cpu_s:.1f}", *memory)


def _contestants(pairs: Pairs) -> Sheet:
    columns = ("Who", "whole", "from ... to", "reading", "in networks", "patches", "outside networks", "processors")
    rows = []
    for name, rounds in pairs.rounds.items():
        one = sorted(rounds, key=lambda each: each.whole_s)[len(rounds) // 2]
        span = f"{min(each.whole_s for each in rounds):.2f} ... {max(each.whole_s for each in rounds):.2f}"
        outside = f"{100 * (1 - one.network_s / one.whole_s):.0f} %"
        numbers = (f"{one.whole_s:.2f}", span, f"{one.read_s:.2f}", f"{one.network_s:.2f}", str(one.patches), outside)
        rows.append((name, *numbers, f"{one.whole_cpu_s:.2f}"))
    rounds_made = len(pairs.rounds[pairs.reference])
    title = f"Prediction proper, warm, {pairs.size} on {pairs.device}: seconds, middle of {rounds_made} in turns"
    return Sheet(title, columns, tuple(rows))


def _ratios(report: SpeedReport) -> Sheet:
    rows = [_ratio_row(pairs.device, ratio) for pairs in report.pairs for ratio in ratios_of(pairs)]
    whole = command_ratio(report)
    if whole is not None:
        rows.append(_ratio_row("cpu", whole))
    title = "How many times faster than the reference procedure"
    return Sheet(title, ("What", "device", "median", "from ... to", "pairs"), tuple(rows))


def _ratio_row(device: str, ratio: Ratio) -> tuple[str, ...]:
    span = f"{ratio.low:.1f} ... {ratio.high:.1f}"
    return (f"{ratio.name}: {ratio.what}", device, f"{ratio.median:.1f}", span, str(ratio.rounds))


def _shares(report: SpeedReport) -> Sheet:
    columns = ("What", "seconds a case", "in networks", "outside networks", "peak RSS", "peak PSS")
    rows = [_share_row("one case, after start-up", report.single_counted)]
    cohort = report.cohort_counted
    if cohort is not None:
        rows.append(_share_row(f"cohort of {cohort.cases}, after its first case", cohort))
    return Sheet("Whole cases: the share of time outside the networks", columns, tuple(rows))


def _share_row(name: str, run: CountedRun) -> tuple[str, ...]:
    seconds = (f"{run.seconds_a_case:.2f}", f"{run.network_s_a_case:.2f}")
    memory = (_number(run.peak_rss_mb, 0), _number(run.peak_pss_mb, 0))
    return (name, *seconds, f"{100 * run.share_outside:.0f} %", *memory)


def _throughput(report: SpeedReport) -> Sheet:
    columns = ("How", "patches at a time", "ms a patch", "TFLOP/s", "of the peak")
    rows = []
    for one in report.throughput:
        size = one.matmul_size
        peak = f"{one.device}: matrix product of {size}^2, {one.number_format}"
        rows.append((peak, "", "", f"{one.peak_tflops:.3g}", "100 %"))
        rows += [
            (
                f"{one.device}: {speed.how}",
                str(speed.batch),
                f"{1000 * speed.seconds / speed.batch:.1f}",
                f"{speed.tflops:.3g}",
                f"{100 * speed.share_of_peak:.0f} %",
            )
            for speed in one.speeds
        ]
    gflop = report.throughput[0].gflop_per_patch
    return Sheet(f"The student's arithmetic: {gflop:.1f} GFLOP a patch", columns, tuple(rows))


def _operations(report: SpeedReport) -> Sheet:
    rows = []
    for one in report.throughput:
        rows.append((f"{one.device}: convolutions and matrix products together", f"{100 * one.matrix_share:.0f} %"))
        rows += [(f"{one.device}: {each.name}", f"{100 * each.share:.0f} %") for each in one.top_operations]
    title = "What takes the student's time in PyTorch"
    return Sheet(title, ("Operation", "share"), tuple(rows))


def _compared(report: SpeedReport) -> SizeRuns:
    (found,) = (size for size in report.sizes if size.name == report.pairs[0].size)
    return found


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
