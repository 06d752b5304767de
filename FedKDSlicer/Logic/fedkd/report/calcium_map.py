"""Calcium seen along the root's axis, in the annulus plane, as a plot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fedkd.anatomy import (
    CALCIFICATION,
    CALCIFIED_PART_LABELS,
    CALCIFIED_PARTS,
    HINGE_POINTS,
    LANDMARK_BY_NAME,
    SegmentStyle,
)
from fedkd.case.layout import CALCIFICATION_FILE
from fedkd.case.segmentation_file import read_calcified_box
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import FloatArray, Grid, Plane
from fedkd.pointsets import PointList
from fedkd.report.svg import FAINT, INK, MUTED, Plot

_PIXEL_MM = 0.5
_MARGIN_MM = 5.0
# More than any valve has; a file that says so is no calcification, and would take all memory.
_MOST_VOXELS = 1_000_000
_LEAST_REACH_MM, _MOST_REACH_MM = 15.0, 40.0
_ANTERIOR_LPS, _SUPERIOR_LPS = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])
# Calcium this thick along the axis is drawn in its full color.
_FULL_COLOR_MM = 6.0
_LEAST_OPACITY = 0.35


@dataclass(frozen=True)
class PlaneAxes:
    """Directions of the picture: the annulus plane seen from the left ventricle, anterior up, as the view of it."""

    plane: Plane
    right_lps: FloatArray
    up_lps: FloatArray

    @classmethod
    def of(cls, plane: Plane) -> PlaneAxes:
        """Return the picture's axes for a plane whose normal points to the aorta."""
        normal = plane.normal_lps
        toward = _ANTERIOR_LPS if abs(normal @ _ANTERIOR_LPS) < 0.99 else _SUPERIOR_LPS
        up = toward - (toward @ normal) * normal
        up /= np.linalg.norm(up)
        return cls(plane, np.cross(normal, up), up)

    def project_mm(self, points_lps_mm: FloatArray) -> FloatArray:
        """Map points (..., 3) to (right, up) in mm from the plane's center, shape (..., 2)."""
        offsets = points_lps_mm - self.plane.center_lps_mm
        return np.stack([offsets @ self.right_lps, offsets @ self.up_lps], axis=-1)


@dataclass(frozen=True)
class ProjectedPart:
    """Calcium of one part: ``points_mm`` (n, 2) to the right and up from the plane's center, each of ``volume_mm3``."""

    style: SegmentStyle
    points_mm: FloatArray
    volume_mm3: float

    def thickness_mm(self, reach_mm: float) -> FloatArray:
        """Return how much lies along the axis in each pixel of a square picture (up, right) about the center."""
        edges = np.linspace(-reach_mm, reach_mm, round(2 * reach_mm / _PIXEL_MM) + 1)
        counts, _, _ = np.histogram2d(self.points_mm[:, 1], self.points_mm[:, 0], bins=(edges, edges))
        return counts * self.volume_mm3 / (edges[1] - edges[0]) ** 2


def calcium_plot(
    case_folder: Path, plane: Plane | None, points: PointList, annulus_lps_mm: FloatArray | None
) -> Markup | None:
    """Return the calcium map; None without an annulus plane or without calcification.

    Raises:
        FedkdError: calcification.seg.nrrd is damaged.
    """
    path = case_folder / CALCIFICATION_FILE
    if plane is None or not path.is_file():
        return None
    axes_of_plane = PlaneAxes.of(plane)
    parts = project_calcium(path, axes_of_plane)
    hinges = points.defined_positions_lps_mm()
    marks = {name: axes_of_plane.project_mm(np.array(hinges[name])) for name in HINGE_POINTS if name in hinges}
    outline = None if annulus_lps_mm is None else axes_of_plane.project_mm(annulus_lps_mm)
    drawn = [*(part.points_mm for part in parts), *marks.values(), *(() if outline is None else (outline,))]
    farthest = max((float(np.abs(one).max()) for one in drawn), default=0.0)
    reach_mm = math.ceil(min(max(farthest + _MARGIN_MM, _LEAST_REACH_MM), _MOST_REACH_MM))
    plot = Plot("calcium", "Calcium in the annulus plane", _described(parts), (3.6, 3.6))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _draw_frame(axes, reach_mm)
        if outline is not None:
            axes.fill(*outline.T, facecolor="#f4f6f8", edgecolor=MUTED, linewidth=1.4)
        for part in parts:
            _draw_part(axes, part, reach_mm)
        _draw_hinge_points(axes, {name: at for name, at in marks.items() if np.abs(at).max() < reach_mm})
        _draw_legend(axes, parts)

    return plot.svg(draw)


def project_calcium(path: Path, axes: PlaneAxes) -> tuple[ProjectedPart, ...]:
    """Return the calcium of each part that has some, along the plane's normal.

    Raises:
        FedkdError: the file is damaged, or marks more than any heart has.
    """
    marked = read_calcified_box(path)
    _refuse_implausible(path, marked.image)
    if not marked.by_part:
        projected = _projected(marked.image, 1, CALCIFICATION, axes)
        return (projected,) if projected else ()
    labels = CALCIFIED_PART_LABELS
    found = (_projected(marked.image, labels[part], style, axes) for part, style in CALCIFIED_PARTS.items())
    return tuple(part for part in found if part is not None)


def _projected(label_map: sitk.Image, label: int, style: SegmentStyle, axes: PlaneAxes) -> ProjectedPart | None:
    index_zyx = np.argwhere(sitk.GetArrayViewFromImage(label_map) == label)
    if not len(index_zyx):
        return None
    grid = Grid.of(label_map)
    # Each voxel as eight parts, so that coarse slices leave no gaps between the pixels.
    eighths = np.array(np.meshgrid(*[(-0.25, 0.25)] * 3)).reshape(3, 8).T
    index_xyz = (index_zyx[:, None, ::-1] + eighths).reshape(-1, 3)
    return ProjectedPart(style, axes.project_mm(grid.index_to_lps(index_xyz)), float(np.prod(grid.spacing_mm)) / 8)


def _refuse_implausible(path: Path, label_map: sitk.Image) -> None:
    voxels = int(np.count_nonzero(sitk.GetArrayViewFromImage(label_map)))
    if voxels > _MOST_VOXELS:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"The calcification has {voxels} voxels, more than a heart has.",
            where=path,
            what_to_do="Check the segmentation.",
        )


def _described(parts: Sequence[ProjectedPart]) -> str:
    if not parts:
        return "No calcium was found."
    return f"Calcium lies in: {', '.join(_short(part.style).lower() for part in parts)}."


def _draw_part(axes: Axes, part: ProjectedPart, reach_mm: float) -> None:
    thickness_mm = part.thickness_mm(reach_mm)
    opacity = np.clip(thickness_mm / _FULL_COLOR_MM, 0, 1) * (1 - _LEAST_OPACITY) + _LEAST_OPACITY
    pixels = np.zeros((*thickness_mm.shape, 4))
    pixels[..., :3] = _dark(part.style)
    pixels[..., 3] = np.where(thickness_mm > 0, opacity, 0)
    axes.imshow(pixels, extent=(-reach_mm, reach_mm) * 2, origin="lower", interpolation="nearest", zorder=3)


def _draw_hinge_points(axes: Axes, marks: Mapping[str, FloatArray]) -> None:
    for name, at in marks.items():
        color = LANDMARK_BY_NAME[name].color_rgb
        axes.plot(*at, "o", color=color, markeredgecolor="white", markersize=8, zorder=5)
        x, y = at * (1 + 3.2 / max(float(np.linalg.norm(at)), 1e-6))
        axes.text(x, y, name, ha="center", va="center", fontsize=9, fontweight="bold", color=INK, zorder=6)


def _draw_frame(axes: Axes, reach_mm: float) -> None:
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set(xlim=(-reach_mm, reach_mm), ylim=(-reach_mm, reach_mm), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.text(0, reach_mm, "anterior", ha="center", va="top", fontsize=8, color=MUTED)
    axes.plot([reach_mm - 11, reach_mm - 1], [1 - reach_mm] * 2, color=INK, linewidth=1.6)
    axes.text(reach_mm - 6, 1.6 - reach_mm, "10 mm", ha="center", va="bottom", fontsize=8)


def _draw_legend(axes: Axes, parts: Sequence[ProjectedPart]) -> None:
    if not parts:
        axes.text(0, 0, "No calcium", ha="center", va="center", fontsize=10, color=MUTED)
        return
    handles = [Patch(facecolor=_dark(part.style), edgecolor=FAINT, label=_short(part.style)) for part in parts]
    # Below the picture, which calcium may fill to its corners.
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        ncols=2,
        fontsize=8,
        handlelength=1.0,
        columnspacing=1.5,
    )


def _short(style: SegmentStyle) -> str:
    name = style.name.partition(", ")[2] or "calcium"
    return name[:1].upper() + name[1:]


def _dark(style: SegmentStyle) -> tuple[float, float, float]:
    """Return the segment's color, or gray for the pale ones that a white page would hide."""
    return style.color_rgb if min(style.color_rgb) < 0.6 else (0.35, 0.35, 0.35)
