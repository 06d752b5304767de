"""What a confidence is worth: promised and observed shares on synthetic CTs, with this case's points below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.confidence import HIGH_FROM, LOW_BELOW, NOT_CALIBRATED, Calibration, Confidence, ReliabilityBin, counts_of
from fedkd.geometry import FloatArray
from fedkd.report.content import CaseContent
from fedkd.report.svg import BLUE, INK, MUTED, ORANGE, SKY, VERMILLION, Plot

_WORDS = (("low", 0.0, LOW_BELOW, VERMILLION), ("fair", LOW_BELOW, HIGH_FROM, ORANGE), ("high", HIGH_FROM, 1.0, SKY))


@dataclass(frozen=True)
class Reliability:
    """What the page says about the confidences: sentences, and the plot where they are calibrated."""

    sentences: tuple[str, ...]
    plot: Markup | None = None


def reliability_of(content: CaseContent) -> Reliability | None:
    """Return what the confidences of a case are worth; None where no landmark has one."""
    found = {point.label: point.judged for point in content.points if point.is_defined and point.judged is not None}
    if not found:
        return None
    calibration = content.origin.calibration
    calibrated = {label: one for label, one in found.items() if one.is_calibrated}
    if calibration is None or not calibrated:
        return Reliability(
            (f"These confidences are {NOT_CALIBRATED}: nobody has measured what the numbers are worth.",)
        )
    return Reliability(_sentences(calibration), reliability_plot(calibration, calibrated))


def reliability_plot(calibration: Calibration, confidences: Mapping[str, Confidence]) -> Markup:
    """Return the plot of a calibration with the confidences of a case, by landmark."""
    held = calibration.held_out
    plot = Plot(
        "reliability",
        f"Promised and observed share of points within {calibration.near_mm:.0f} mm of the truth",
        f"{_level_sentence(calibration)} This case: "
        + ", ".join(f"{name} {one}" for name, one in confidences.items())
        + ".",
        (5.2, 4.5),
    )

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(5, 3))
        edges = np.array([held.bins[0].low, *(one.high for one in held.bins)])
        _shade(above, edges)
        _shade(below, edges)
        _draw_bins(above, held.bins, edges)
        _draw_case(below, confidences, edges)
        above.set_ylabel(f"Share within {calibration.near_mm:.0f} mm of the truth")
        below.set_xlabel("Confidence (each section is drawn equally wide)")

    return plot.svg(draw)


def _sentences(calibration: Calibration) -> tuple[str, ...]:
    held = calibration.held_out
    where = f"{held.points} points of {held.cases}"
    measured = (
        f"Measured on {where} synthetic CTs that took no part in making the model. On real CTs the confidence can "
        "flatter: no one has measured it there."
        if held.seeds
        else f"Measured on {where} labeled CTs. On those of other patients and scanners the confidence can flatter."
    )
    return (
        f"A confidence is the estimated chance that the point lies within {calibration.near_mm:.0f} mm of the truth.",
        "How to read the plot: a dot on the dashed line means that the confidence keeps its word; below the line it "
        "promises too much. Bars are 95 % intervals; the numbers say how many points of how many lay that near.",
        _level_sentence(calibration),
        measured,
    )


def _level_sentence(calibration: Calibration) -> str:
    held = calibration.held_out
    counted = {word: counts_of(held.bins, word) for word in ("high", "fair", "low")}
    parts = [f"{points - near} of {points} with {word} confidence" for word, (points, near) in counted.items()]
    return f"Off by more than {calibration.near_mm:.0f} mm were {parts[0]}, {parts[1]}, and {parts[2]}."


def _at(values: object, edges: FloatArray) -> FloatArray:
    """Return where probabilities lie on an axis on which every bin is one wide."""
    return np.interp(np.asarray(values, dtype=float), edges, np.arange(len(edges), dtype=float))


def _shade(axes: Axes, edges: FloatArray) -> None:
    for _, low, high, color in _WORDS:
        axes.axvspan(*_at([low, high], edges), color=color, alpha=0.13, linewidth=0)
    axes.set_xlim(0, len(edges) - 1)


def _draw_bins(axes: Axes, bins: tuple[ReliabilityBin, ...], edges: FloatArray) -> None:
    axes.plot(_at(edges, edges), edges, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    for one in bins:
        middle = float(_at([one.low, one.high], edges).mean())
        axes.annotate(f"{one.near}/{one.points}", (middle, -0.14), ha="center", va="center", fontsize=8, color=INK)
        if one.share is None or one.mean_probability is None:
            continue
        low, high = one.interval
        place = float(_at(one.mean_probability, edges))
        axes.plot([place, place], [low, high], color=BLUE, linewidth=1.6)
        axes.plot(place, one.share, "o", color=BLUE, markersize=6)
    for word, low, high, _ in _WORDS:
        axes.annotate(word, (float(_at([low, high], edges).mean()), 1.13), ha="center", va="center", fontsize=9)
    axes.set(ylim=(-0.24, 1.22), yticks=(0, 0.25, 0.5, 0.75, 1))
    axes.grid(axis="x", visible=False)


def _draw_case(axes: Axes, confidences: Mapping[str, Confidence], edges: FloatArray) -> None:
    rows = range(len(LANDMARK_NAMES))
    for row, name in zip(rows, LANDMARK_NAMES, strict=True):
        if name in confidences:
            axes.plot(float(_at(confidences[name].value, edges)), row, "D", color=INK, markersize=4.5)
    axes.set_yticks(list(rows), LANDMARK_NAMES, fontsize=8)
    axes.set(ylim=(len(LANDMARK_NAMES) - 0.5, -0.5))
    axes.set_xticks(range(len(edges)), [f"{edge:g}" for edge in edges])
    axes.set_ylabel("This case")
