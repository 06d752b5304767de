"""How many times faster: paired ratios, each of two measurements that were made one after the other."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from speed.results import CommandRun, Pairs, Proper, SpeedReport


@dataclass(frozen=True)
class Ratio:
    """Seconds of the reference procedure divided by those of ``name``: median, smallest and largest of the rounds."""

    name: str
    what: str
    median: float
    low: float
    high: float
    rounds: int


_PARTS: tuple[tuple[str, Callable[[Proper], float]], ...] = (
    ("prediction proper: CT file to points and calcification", lambda one: one.whole_s),
    ("the same without reading the CT", lambda one: one.whole_s - one.read_s),
    ("within the networks", lambda one: one.network_s),
    ("prediction proper, seconds on the processors", lambda one: one.whole_cpu_s),
)


def ratios_of(pairs: Pairs) -> list[Ratio]:
    """Return the ratios of every contestant to the reference procedure."""
    reference = pairs.rounds[pairs.reference]
    found = []
    for name, rounds in pairs.rounds.items():
        if name == pairs.reference:
            continue
        for what, part in _PARTS:
            each = [part(theirs) / part(ours) for theirs, ours in zip(reference, rounds, strict=True)]
            found.append(Ratio(name, what, statistics.median(each), min(each), max(each), len(each)))
    return found


def command_ratio(report: SpeedReport) -> Ratio | None:
    """Return the ratio of the whole commands, on the size that the reference procedure was run on."""
    if report.reference_command is None:
        return None
    (runs,) = (size for size in report.sizes if size.name == report.pairs[0].size)
    first, warm = next(iter(runs.warm.items()))
    each = [report.reference_command.wall_s / run.wall_s for run in warm]
    return Ratio(f"fedkd, {first}", "the whole command", statistics.median(each), min(each), max(each), len(each))


def typical(runs: tuple[CommandRun, ...]) -> CommandRun:
    """Return the run of median length; of two, the longer."""
    return sorted(runs, key=lambda run: run.wall_s)[len(runs) // 2]
