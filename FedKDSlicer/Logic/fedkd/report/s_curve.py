"""The C-arm views in which the annulus is seen from its side, as a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fedkd.measurement.angles import REACHABLE_CRANIAL_CAUDAL_DEG, REACHABLE_LAO_RAO_DEG, is_reachable
from fedkd.measurement.shapes import CArmView, Shapes
from fedkd.measurement.wording import shown_c_arm
from fedkd.report.svg import BLUE, GREEN, INK, MUTED, SKY, VERMILLION, Plot

_WIDTH_DEG = 90.0
_LEAST_HEIGHT_DEG = 50.0
_NAME_HALF_WIDTH_DEG, _NAME_AWAY_DEG = 34.0, 13.0
_NAME_ASIDE_DEG = 24.0


@dataclass(frozen=True)
class _Mark:
    """How a named view is drawn: its key in shapes.json, its name, and on which side of the curve the name stands."""

    key: str
    name: str
    color: str
    shape: str
    side: int


_MARKS = (
    _Mark("three-cusp", "Three-cusp", VERMILLION, "o", 1),
    _Mark("cusp overlap", "Cusp overlap", GREEN, "s", -1),
)


def s_curve_plot(shapes: Shapes) -> Markup | None:
    """Return the S-curve with the usually reachable range and the two named views; None without a curve."""
    if not shapes.s_curve:
        return None
    plot = Plot("s-curve", "C-arm views with the three hinge points in line", _described(shapes), (4.6, 3.2))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        height = _height_deg(shapes)
        _draw_reach(axes)
        _draw_curve(axes, shapes.s_curve)
        for mark in _MARKS:
            if mark.key in shapes.named_views:
                _draw_view(axes, shapes, mark)
        axes.set(xlim=(-_WIDTH_DEG, _WIDTH_DEG), ylim=(-height, height))
        axes.set_xlabel("RAO  \N{LEFTWARDS ARROW}   C-arm rotation   \N{RIGHTWARDS ARROW}  LAO")
        axes.set_ylabel("caudal  \N{LEFTWARDS ARROW}   C-arm tilt   \N{RIGHTWARDS ARROW}  cranial")
        axes.set_xticks(range(-90, 91, 30), [f"{abs(x)}°" for x in range(-90, 91, 30)])
        ticks = range(-int(height) // 20 * 20 + 20, int(height), 20)
        axes.set_yticks(ticks, [f"{abs(y)}°" for y in ticks])
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.axvline(0, color=MUTED, linewidth=0.8)

    return plot.svg(draw)


def _described(shapes: Shapes) -> str:
    parts = [
        f"{mark.name} view: {shown_c_arm(view.lao_deg, view.cranial_deg)}"
        + ("" if is_reachable(view) else ", beyond what C-arms usually reach")
        for mark in _MARKS
        if (view := shapes.named_views.get(mark.key))
    ]
    return "Cranial or caudal tilt against LAO or RAO rotation. " + ". ".join(parts)


def _height_deg(shapes: Shapes) -> float:
    highest = max((abs(view.cranial_deg) for view in shapes.named_views.values()), default=0.0)
    return min(90.0, max(_LEAST_HEIGHT_DEG, math.ceil((highest + 30) / 10) * 10))


def _draw_reach(axes: Axes) -> None:
    x, y = REACHABLE_LAO_RAO_DEG, REACHABLE_CRANIAL_CAUDAL_DEG
    axes.add_patch(Rectangle((-x, -y), 2 * x, 2 * y, facecolor=SKY, alpha=0.16, edgecolor="none"))
    axes.add_patch(Rectangle((-x, -y), 2 * x, 2 * y, fill=False, edgecolor=BLUE, linewidth=0.8, linestyle=(0, (4, 3))))
    axes.text(-x + 2, y - 2, "usually reachable", color=BLUE, fontsize=8, va="top")


def _draw_curve(axes: Axes, curve: Sequence[CArmView]) -> None:
    """Draw what can be reached thick, the rest thin."""
    lao = np.array([view.lao_deg for view in curve])
    cranial = np.array([view.cranial_deg for view in curve])
    reachable = np.array([is_reachable(view) for view in curve])
    axes.plot(lao, cranial, color=MUTED, linewidth=1.2)
    axes.plot(lao, np.where(reachable, cranial, np.nan), color=INK, linewidth=2.6, solid_capstyle="round")


def _draw_view(axes: Axes, shapes: Shapes, mark: _Mark) -> None:
    view = shapes.named_views[mark.key]
    x, y = min(max(view.lao_deg, -_WIDTH_DEG), _WIDTH_DEG), view.cranial_deg
    axes.plot(x, y, mark.shape, color=mark.color, markersize=9, markeredgecolor="white", markeredgewidth=1.2, zorder=5)
    # Names stay inside the plot, off the curve, and on different sides of it: the views may lie close together.
    away = -mark.side * _NAME_ASIDE_DEG * (1 if _rises(shapes.s_curve, x) else -1)
    name_x = min(max(x + away, -_WIDTH_DEG + _NAME_HALF_WIDTH_DEG), _WIDTH_DEG - _NAME_HALF_WIDTH_DEG)
    axes.annotate(
        f"{mark.name}\n{shown_c_arm(view.lao_deg, y)}",
        (x, y),
        xytext=(name_x, y + mark.side * _NAME_AWAY_DEG),
        ha="center",
        va="bottom" if mark.side > 0 else "top",
        color=mark.color,
        fontsize=8.5,
        fontweight="bold",
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        arrowprops={"arrowstyle": "-", "color": mark.color, "linewidth": 1.0, "shrinkB": 5},
        zorder=6,
    )


def _rises(curve: Sequence[CArmView], lao_deg: float) -> bool:
    """True when the curve goes up to the right at that rotation."""
    near = [view.cranial_deg for view in curve if abs(view.lao_deg - lao_deg) <= _NAME_ASIDE_DEG / 2]
    return len(near) < 2 or near[-1] >= near[0]
