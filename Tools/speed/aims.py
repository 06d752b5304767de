"""What is wanted, beside what was measured. Nothing depends on it: a computer may be slower than these aims are for."""

from __future__ import annotations

from dataclasses import dataclass

from speed.plan import CHEST, TRUNK
from speed.ratios import ratios_of, typical
from speed.results import CommandRun, SpeedReport
from speed.sheet import Sheet

_FASTER, _WHOLE_S, _OUTSIDE, _GPU_CASE_S = 15.0, 20.0, 0.30, 2.0
_CHEST_MB, _TRUNK_MB = 3000.0, 4000.0


@dataclass(frozen=True)
class _Aim:
    what: str
    wanted: str
    measured: str
    reached: bool

    def row(self) -> tuple[str, ...]:
        return (self.what, self.wanted, self.measured, "yes" if self.reached else "no")


def aims_of(report: SpeedReport) -> list[Sheet]:
    """Return the table of aims; none for a quick run, which they are not for."""
    if report.quick:
        return []
    aims = [*_command_aims(report), *_ratio_aims(report), _outside(report)]
    return [Sheet("Aims", ("What", "wanted", "measured", "reached"), tuple(aim.row() for aim in aims))]


def _command_aims(report: SpeedReport) -> list[_Aim]:
    chest, trunk = (_default_run(report, size.name) for size in (CHEST, TRUNK))
    whole = _Aim(
        f"{CHEST.title}, warm, whole command", "at most 20 s", f"{chest.wall_s:.1f} s", chest.wall_s <= _WHOLE_S
    )
    return [whole, _memory(CHEST.title, chest, _CHEST_MB), _memory(TRUNK.title, trunk, _TRUNK_MB)]


def _memory(title: str, run: CommandRun, most_mb: float) -> _Aim:
    # The sum that counts shared pages several times: the less favorable one.
    peak_mb = run.peak_rss_mb
    measured = "not measured" if peak_mb is None else f"{peak_mb / 1000:.2f} GB"
    reached = peak_mb is not None and peak_mb < most_mb
    return _Aim(f"{title}, peak memory of all processes", f"under {most_mb / 1000:.0f} GB", measured, reached)


def _ratio_aims(report: SpeedReport) -> list[_Aim]:
    aims = []
    for pairs in report.pairs:
        ratio = ratios_of(pairs)[0]
        if pairs.device == "cpu":
            what = "times faster than the reference procedure, prediction proper"
            aims.append(_Aim(what, "at least 15", f"{ratio.median:.1f}", ratio.median >= _FASTER))
        else:
            rounds = sorted(one.whole_s for one in pairs.rounds[ratio.name])
            seconds = rounds[len(rounds) // 2]
            aims.append(_Aim("GPU, prediction proper, warm", "under 2 s", f"{seconds:.2f} s", seconds < _GPU_CASE_S))
    return aims


def _outside(report: SpeedReport) -> _Aim:
    assert report.cohort_counted is not None, "only quick runs have no cohort"
    share = report.cohort_counted.share_outside
    return _Aim("share of time outside the networks, cohort", "under 30 %", f"{100 * share:.0f} %", share < _OUTSIDE)


def _default_run(report: SpeedReport, name: str) -> CommandRun:
    (size,) = (one for one in report.sizes if one.name == name)
    return typical(next(iter(size.warm.values())))
