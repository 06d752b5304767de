"""How names of points look, in pictures and in views: in the point's color, on black, tied to the point by a line."""

from __future__ import annotations

import numpy as np

from fedkd_slicer.label_layout import Box
from fedkd_slicer.overlay_drawing import Rgb, TextStyle
from fedkd_slicer.view_planes import FloatArray

_LEAST_LUMINANCE = 0.6
_INTO_BOX_PX = 4


def label_style(size_px: int) -> TextStyle:
    """Return the style of a name; its color is the point's, see `readable_on_black`."""
    return TextStyle(size_px, bold=True, align="center", backing=0.7)


def readable_on_black(color: Rgb) -> Rgb:
    """Return the color, mixed with white until letters of it can be read."""
    # Blue and green of the palette are too dark for letters.
    luminance = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
    if luminance >= _LEAST_LUMINANCE:
        return color
    white = (_LEAST_LUMINANCE - luminance) / (1.0 - luminance)
    red, green, blue = (part + white * (1.0 - part) for part in color)
    return red, green, blue


def nearest_in_box(point: FloatArray, box: Box) -> FloatArray:
    """Return where the line from a point to its name's rectangle ends, shape (2,)."""
    low, high = np.array([box.left, box.bottom]), np.array([box.right, box.top])
    return np.clip(point, low + _INTO_BOX_PX, high - _INTO_BOX_PX)
