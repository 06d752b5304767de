"""Colors of what was measured: one per shape, the same in scene, pictures and report."""

from __future__ import annotations

from fedkd.anatomy import LANDMARK_BY_NAME

Rgb = tuple[float, float, float]

# Light, so that they stand out from gray CT and from a red surface; apart from the landmarks' colors.
CENTERLINE_RGB: Rgb = (0.85, 0.85, 0.85)
_OTHER_RGB: Rgb = (1.0, 1.0, 1.0)
# The first word that a shape's name contains decides, in any case.
_BY_WORD: tuple[tuple[str, Rgb], ...] = (
    ("left coronary height", LANDMARK_BY_NAME["LCO"].color_rgb),
    ("right coronary height", LANDMARK_BY_NAME["RCO"].color_rgb),
    ("septum", LANDMARK_BY_NAME["MS1"].color_rgb),
    ("annulus", (0.30, 1.00, 0.80)),
    ("lvot", (1.00, 0.55, 0.75)),
    ("outflow", (1.00, 0.55, 0.75)),
    ("sinotubular", (1.00, 0.90, 0.45)),
    ("sinus", (0.70, 0.85, 0.35)),
    ("aorta", (0.75, 0.65, 1.00)),
)


def shape_color_rgb(name: str) -> Rgb:
    """Return the color of a contour or line by its clinical name; parts of one level share a color."""
    lowered = name.lower()
    return next((color for word, color in _BY_WORD if word in lowered), _OTHER_RGB)
