"""What the header of an image file says: where the voxels lie in space, and where in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fedkd.geometry import Grid


@dataclass(frozen=True)
class PixelLayout:
    """How the pixels are stored.

    Args:
        file: the file that holds them.
        file_offset: bytes of ``file`` before the (perhaps compressed) data.
        deflated: True when the data are compressed as gzip or zlib.
        data_offset: bytes of the decompressed data before the first pixel.
        dtype: type of a stored number, with its byte order.
        slope: HU = stored number * slope + intercept.
        intercept: see ``slope``.
    """

    file: Path
    file_offset: int
    deflated: bool
    data_offset: int
    dtype: np.dtype[Any]
    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True)
class StoredImage:
    """A header, understood; ``files`` are all the files the image is made of, the header first."""

    grid: Grid
    pixels: PixelLayout
    files: tuple[Path, ...]
