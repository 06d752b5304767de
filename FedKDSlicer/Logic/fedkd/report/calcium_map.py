"""Calcium seen along the root's axis, in the annulus plane, as a plot."""

from __future__ import annotations

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
from fedkd.case.segmentation_file import read_calcified_parts, read_label_map
from fedkd.geometry import FloatArray, Grid, Plane
from fedkd.pointsets import PointList
from fedkd.report.svg import FAINT, INK, MUTED, Plot

_PIXEL_MM = 0.5
_REACH_MM = 24.0
_PIXELS = round(2 * _REACH_MM / _PIXEL_MM)
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
class MappedPart:
    """Calcium of one part: ``thickness_mm`` (up, right) along the axis, per pixel."""

    style: SegmentStyle
    thickness_mm: FloatArray


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
    parts = map_calcium(path, axes_of_plane)
    names = [part.style.name.partition(", ")[2] or part.style.name for part in parts]
    described = "Calcium lies in: " + ", ".join(names) if parts else "No calcium was found"
    plot = Plot("calcium", "Calcium in the annulus plane", f"{described}.", (3.7, 3.7))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_aspect("equal")
        axes.grid(visible=False)
        axes.set(xlim=(-_REACH_MM, _REACH_MM), ylim=(-_REACH_MM, _REACH_MM), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_visible(False)
        if annulus_lps_mm is not None:
            outline = axes_of_plane.project_mm(np.vstack([annulus_lps_mm, annulus_lps_mm[:1]]))
            axes.fill(*outline.T, facecolor="#f4f6f8", edgecolor=MUTED, linewidth=1.4)
        for part in parts:
            _draw_part(axes, part)
        _draw_hinge_points(axes, axes_of_plane, points)
        _draw_frame(axes, parts)

    return plot.svg(draw)


def map_calcium(path: Path, axes: PlaneAxes) -> tuple[MappedPart, ...]:
    """Return the calcium of each part that has some, projected along the plane's normal.

    Raises:
        FedkdError: the file is damaged.
    """
    parts = read_calcified_parts(path)
    if parts is None:
        whole = _mapped(read_label_map(path) != 0, 1, CALCIFICATION, axes)
        return (whole,) if whole else ()
    mapped = (_mapped(parts, CALCIFIED_PART_LABELS[part], style, axes) for part, style in CALCIFIED_PARTS.items())
    return tuple(part for part in mapped if part is not None)


def _mapped(label_map: sitk.Image, label: int, style: SegmentStyle, axes: PlaneAxes) -> MappedPart | None:
    index_zyx = np.argwhere(sitk.GetArrayViewFromImage(label_map) == label)
    if not len(index_zyx):
        return None
    grid = Grid.of(label_map)
    # Each voxel as eight parts, so that coarse slices leave no gaps between the pixels.
    corners = np.array(np.meshgrid(*[(-0.25, 0.25)] * 3)).reshape(3, 8).T
    index_xyz = (index_zyx[:, None, ::-1] + corners).reshape(-1, 3)
    flat = axes.project_mm(grid.index_to_lps(index_xyz))
    edges = np.linspace(-_REACH_MM, _REACH_MM, _PIXELS + 1)
    counts, _, _ = np.histogram2d(flat[:, 1], flat[:, 0], bins=(edges, edges))
    volume_mm3 = float(np.prod(grid.spacing_mm)) / 8
    return MappedPart(style, counts * volume_mm3 / _PIXEL_MM**2)


def _draw_part(axes: Axes, part: MappedPart) -> None:
    opacity = np.clip(part.thickness_mm / _FULL_COLOR_MM, 0, 1) * (1 - _LEAST_OPACITY) + _LEAST_OPACITY
    pixels = np.zeros((*part.thickness_mm.shape, 4))
    pixels[..., :3] = _dark(part.style)
    pixels[..., 3] = np.where(part.thickness_mm > 0, opacity, 0)
    axes.imshow(pixels, extent=(-_REACH_MM, _REACH_MM) * 2, origin="lower", interpolation="nearest", zorder=3)


def _draw_hinge_points(axes: Axes, plane: PlaneAxes, points: PointList) -> None:
    for name in HINGE_POINTS:
        position = points.position_lps_mm(name)
        if position is None:
            continue
        at = plane.project_mm(np.array(position))
        axes.plot(*at, "o", color=LANDMARK_BY_NAME[name].color_rgb, markeredgecolor="white", markersize=8, zorder=5)
        x, y = at * (1 + 3.6 / max(float(np.linalg.norm(at)), 1e-6))
        axes.text(x, y, name, ha="center", va="center", fontsize=9, fontweight="bold", color=INK, zorder=6)


def _draw_frame(axes: Axes, parts: tuple[MappedPart, ...]) -> None:
    axes.text(0, _REACH_MM, "anterior", ha="center", va="top", fontsize=8, color=MUTED)
    axes.plot([_REACH_MM - 11, _REACH_MM - 1], [-_REACH_MM + 1] * 2, color=INK, linewidth=1.6)
    axes.text(_REACH_MM - 6, -_REACH_MM + 1.6, "10 mm", ha="center", va="bottom", fontsize=8)
    if not parts:
        axes.text(0, 0, "No calcium", ha="center", va="center", fontsize=10, color=MUTED)
        return
    handles = [Patch(facecolor=_dark(part.style), edgecolor=FAINT, label=_short(part.style)) for part in parts]
    axes.legend(handles=handles, loc="lower left", fontsize=8, handlelength=1.0, borderpad=0, handletextpad=0.5)


def _short(style: SegmentStyle) -> str:
    name = style.name.partition(", ")[2] or "calcium"
    return name[:1].upper() + name[1:]


def _dark(style: SegmentStyle) -> tuple[float, float, float]:
    """Return the segment's color, or gray for the pale ones that a white page would hide."""
    return style.color_rgb if min(style.color_rgb) < 0.6 else (0.35, 0.35, 0.35)
