"""The picture for the README: seconds by stage and peak memory, beside the reference procedure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

import fedkd.report
from fedkd.report.svg import BLUE, FAINT, GREEN, INK, MUTED, ORANGE, SKY, VERMILLION
from speed.ratios import typical
from speed.results import CommandRun, SpeedReport

_STYLE = Path(fedkd.report.__file__).parent / "templates" / "plots.mplstyle"
_PURPLE = "#cc79a7"
# Each color by the stages in it; what is left of the whole is drawn last.
_GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("start", FAINT, ()),
    ("read CT", SKY, ("read",)),
    ("localize", BLUE, ("localize",)),
    ("landmarks", GREEN, ("landmarks",)),
    ("calcification", ORANGE, ("calcification",)),
    ("measure", VERMILLION, ("measure",)),
    ("scene, views", _PURPLE, ("scene",)),
    ("report, other", MUTED, ("report", "write", "heart", "dicom")),
)
_DPI = 160
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class _Bar:
    label: str
    run: CommandRun


def draw_plot(report: SpeedReport, svg: Path, png: Path) -> None:
    """Write the picture twice."""
    bars = _bars(report)
    with mpl.rc_context({"svg.hashsalt": "speed", "figure.facecolor": "white"}, _STYLE):
        figure = Figure(figsize=(9.2, 1.9 + 0.5 * len(bars)), layout="constrained", facecolor="white")
        seconds, memory = figure.subplots(1, 2, sharey=True, width_ratios=(2.6, 1))
        _draw_seconds(seconds, bars)
        _draw_memory(memory, bars)
        figure.legend(
            handles=[Patch(color=color, label=name) for name, color, _ in _GROUPS],
            loc="outside lower center",
            ncols=8,
            handlelength=1.0,
            columnspacing=1.2,
            fontsize=8.5,
        )
        figure.savefig(svg, metadata=_NO_METADATA)
        figure.savefig(png, dpi=_DPI, metadata={"Software": None})


def _bars(report: SpeedReport) -> list[_Bar]:
    bars = []
    for size in report.sizes:
        bars.append(_Bar(" x ".join(map(str, size.size_xyz)), typical(next(iter(size.warm.values())))))
        if size.name == report.pairs[0].size and report.reference_command is not None:
            bars.append(_Bar(f"{bars[-1].label}\nreference procedure", report.reference_command))
    return bars


def _draw_seconds(axes: Axes, bars: list[_Bar]) -> None:
    for row, bar in enumerate(bars):
        left = 0.0
        for name, color, stages in _GROUPS:
            width = bar.run.startup_s if name == "start" else sum(bar.run.stages_s.get(one, 0.0) for one in stages)
            axes.barh(row, width, left=left, color=color, height=0.62, edgecolor="white", linewidth=0.4)
            left += width
        # Stages that overlap would add up to more than this.
        axes.plot([bar.run.wall_s] * 2, [row - 0.36, row + 0.36], color=INK, linewidth=1.6)
        axes.annotate(
            f"{bar.run.wall_s:.0f} s", (max(bar.run.wall_s, left), row), (5, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    axes.set_title("Seconds of the whole command, by stage; the black line is its end", loc="left", fontsize=9.5)
    axes.set_xlabel("s")


def _draw_memory(axes: Axes, bars: list[_Bar]) -> None:
    for row, bar in enumerate(bars):
        # Shared pages once where that is known.
        megabytes = bar.run.peak_pss_mb or bar.run.peak_rss_mb
        if megabytes is None:
            continue
        axes.barh(row, megabytes / 1000, color=MUTED, height=0.62)
        axes.annotate(
            f"{megabytes / 1000:.1f} GB", (megabytes / 1000, row), (4, 0), textcoords="offset points", va="center"
        )
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.36)
    axes.set_title("Peak memory, all processes", loc="left", fontsize=9.5)
    axes.set_xlabel("GB")
