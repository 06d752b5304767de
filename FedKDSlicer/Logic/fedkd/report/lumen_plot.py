"""The lumen's area from the outflow tract to the ascending aorta, as a plot."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedkd.measurement.shapes import Shapes
from fedkd.report.svg import BLUE, MUTED, SKY, Plot

_FEWEST_STATIONS = 2
_DIAMETERS_MM = (10, 20, 25, 30, 35, 40, 50, 60)


def lumen_plot(shapes: Shapes, stj_height_mm: float | None) -> Markup | None:
    """Return area against height along the centerline; None when no area was measured."""
    stations = shapes.centerline
    measured = {station.height_mm for station in stations if station.area_mm2}
    if len(measured) < _FEWEST_STATIONS:
        return None
    heights = np.array([station.height_mm for station in stations])
    areas = np.array([math.nan if station.area_mm2 is None else station.area_mm2 for station in stations])
    smallest, largest = np.nanmin(areas), np.nanmax(areas)
    plot = Plot(
        "lumen",
        "Area of the lumen along the centerline",
        f"From {heights.min():.0f} to {heights.max():.0f} mm above the annulus the area lies between "
        f"{smallest:.0f} and {largest:.0f} mm².",
        (7.4, 2.5),
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.fill_between(heights, areas, color=SKY, alpha=0.25, linewidth=0)
        axes.plot(heights, areas, color=BLUE, linewidth=2.0)
        axes.set(xlim=(heights.min(), heights.max()), ylim=(0, float(largest) * 1.35))
        axes.set_xlabel("Height above the annulus along the centerline (mm)")
        axes.set_ylabel("Lumen area (mm²)")
        _mark_levels(axes, stj_height_mm)
        _add_diameters(axes)

    return plot.svg(draw)


def _mark_levels(axes: Axes, stj_height_mm: float | None) -> None:
    levels = [(0.0, "Annulus"), (40.0, "Ascending aorta, 40 mm")]
    if stj_height_mm is not None:
        levels.append((stj_height_mm, "Sinotubular junction"))
    lowest, highest = axes.get_xlim()
    inside = sorted((height_mm, name) for height_mm, name in levels if lowest <= height_mm <= highest)
    for number, (height_mm, name) in enumerate(inside):
        axes.axvline(height_mm, color=MUTED, linewidth=1.0, linestyle=(0, (3, 2)))
        at_the_end = height_mm > highest - 0.2 * (highest - lowest)
        axes.annotate(
            name,
            (height_mm, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if at_the_end else 4, -2 - 12 * (number % 2)),
            textcoords="offset points",
            ha="right" if at_the_end else "left",
            va="top",
            fontsize=8.5,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        )


def _add_diameters(axes: Axes) -> None:
    """Add a scale with the diameter of the circle of the same area."""

    def diameter(area: npt.ArrayLike) -> npt.ArrayLike:
        return np.sqrt(np.maximum(area, 0) * 4 / math.pi)

    def area(diameter: npt.ArrayLike) -> npt.ArrayLike:
        return np.square(diameter) * math.pi / 4

    scale = axes.secondary_yaxis("right", functions=(diameter, area))
    scale.set_ylabel("Diameter of equal circle (mm)")
    scale.set_yticks([tick for tick in _DIAMETERS_MM if math.pi / 4 * tick**2 < axes.get_ylim()[1]])
