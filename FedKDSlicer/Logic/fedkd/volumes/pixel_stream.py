"""Read stored pixels as int16 HU, slab by slab, so that no second copy in another type is ever in memory.

Image libraries were measured to return truncated or damaged compressed data without an error; here every byte
is counted and the checksums of gzip and zlib are verified.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes.deflate import DEFLATE_ERRORS, new_inflater
from fedkd.volumes.refusals import unreadable
from fedkd.volumes.stored_image import PixelLayout

Int16Array = npt.NDArray[np.int16]

_SLAB_BYTES = 1 << 25
_FILE_BLOCK_BYTES = 1 << 20
# Writers may pad a file; more than this means that header and data do not belong together.
_PADDING_BYTES = 1 << 16


class InflatingReader(io.RawIOBase):
    """The decompressed bytes of a gzip or zlib stream; reading to the end verifies its checksum.

    Raises:
        DEFLATE_ERRORS: while reading, when the stream is damaged or ends too early.
    """

    def __init__(self, compressed: BinaryIO) -> None:
        super().__init__()
        self._compressed = compressed
        self._inflater = new_inflater()

    def readable(self) -> bool:
        """Say that this stream can be read (``io`` asks)."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Fill the start of ``buffer``; 0 only at the end of the data."""
        room = len(buffer)
        while True:
            if self._inflater.eof:
                rest = self._inflater.unused_data or self._compressed.read(_FILE_BLOCK_BYTES)
                if not rest.strip(b"\0"):
                    return 0
                self._inflater = new_inflater()  # gzip files may be several streams in a row
            else:
                rest = self._inflater.unconsumed_tail or self._compressed.read(_FILE_BLOCK_BYTES)
            block = self._inflater.decompress(rest, room)
            if block:
                buffer[: len(block)] = block
                return len(block)
            if not rest and not self._inflater.eof:
                raise EOFError("compressed data end too early")


@contextmanager
def open_data(file: Path, offset: int, deflated: bool) -> Iterator[BinaryIO]:
    """Open the data of ``file`` behind ``offset``, decompressed when they are ``deflated``."""
    with file.open("rb") as raw:
        raw.seek(offset)
        yield io.BufferedReader(InflatingReader(raw), _FILE_BLOCK_BYTES) if deflated else raw


def read_hu(layout: PixelLayout, size_xyz: tuple[int, int, int]) -> Int16Array:
    """Return the pixels in HU, axes ``zyx``, rounded and clipped to int16.

    Raises:
        FedkdError: INPUT_UNREADABLE when data are missing, damaged or too many;
            INTENSITIES_INVALID when there are NaN or infinite values.
    """
    volume = np.empty(size_xyz[::-1], np.int16)
    for first, slab in _slabs(layout, size_xyz):
        volume[first : first + len(slab)] = to_hu(slab, layout.slope, layout.intercept, layout.file)
    return volume


def read_marked(layout: PixelLayout, size_xyz: tuple[int, int, int]) -> tuple[Int16Array, tuple[int, int, int]]:
    """Return the box of pixels that are not 0, axes ``zyx``, and its first index (z, y, x); or the first pixel.

    Labels fill a small part of a CT: the rest is checked, but not kept.

    Raises:
        FedkdError: as `read_hu`.
    """
    marked = {0: np.zeros(size_xyz[1::-1], np.int16)}
    for first, slab in _slabs(layout, size_xyz):
        # Looking at bytes costs a tenth of looking at numbers.
        occupied = slab.view(np.uint8).reshape(len(slab), -1).max(axis=1) > 0
        for index in range(len(slab)) if layout.intercept else np.flatnonzero(occupied):
            plane = to_hu(slab[index], layout.slope, layout.intercept, layout.file)
            if plane.any():
                marked[first + int(index)] = plane
    return _cut(marked)


def _cut(planes: dict[int, Int16Array]) -> tuple[Int16Array, tuple[int, int, int]]:
    """Return the box of pixels that are not 0 and its first index; ``planes`` are those of a volume by their index."""
    filled = [index for index, plane in planes.items() if plane.any()]
    if not filled:
        return planes[0][None, :1, :1], (0, 0, 0)
    low, high = min(filled), max(filled) + 1
    shadow = np.any([planes[index] != 0 for index in filled], axis=0)
    rows, columns = (np.flatnonzero(shadow.any(axis=axis)) for axis in (1, 0))
    box = np.zeros((high - low, rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1), np.int16)
    for index in filled:
        box[index - low] = planes[index][rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return box, (low, int(rows[0]), int(columns[0]))


def _slabs(layout: PixelLayout, size_xyz: tuple[int, int, int]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Yield the stored numbers, slab by slab: the index of its first slice, and the slices, axes ``zyx``.

    Raises:
        FedkdError: INPUT_UNREADABLE, at the latest behind the last slab.
    """
    columns, rows, slices = size_xyz
    slice_bytes = columns * rows * layout.dtype.itemsize
    step = max(1, _SLAB_BYTES // slice_bytes)
    try:
        with open_data(layout.file, layout.file_offset, layout.deflated) as data:
            if len(data.read(layout.data_offset)) < layout.data_offset:
                raise EOFError("no data behind the header")
            for first in range(0, slices, step):
                count = min(step, slices - first)
                stored = data.read(count * slice_bytes)
                if len(stored) < count * slice_bytes:
                    raise EOFError("data end too early")
                yield first, np.frombuffer(stored, layout.dtype).reshape(count, rows, columns)
            padding = data.read(_PADDING_BYTES + 1)
    except DEFLATE_ERRORS as error:
        raise unreadable(layout.file, "The file is damaged or not complete.") from error
    except OSError as error:
        raise unreadable(layout.file, f"The file cannot be read ({error.strerror or error}).") from error
    if len(padding) > _PADDING_BYTES:
        raise unreadable(layout.file, "The file holds more data than its header says.")


def to_hu(stored: npt.NDArray[Any], slope: float, intercept: float, where: Path) -> Int16Array:
    """Return ``stored * slope + intercept``, rounded and clipped to int16; any shape.

    Raises:
        FedkdError: INTENSITIES_INVALID when ``stored`` has NaN or infinite values.
    """
    if stored.dtype.kind == "f" and not np.isfinite(stored).all():
        raise FedkdError(
            ExitCode.INTENSITIES_INVALID,
            "The volume holds values that are not numbers (NaN) or infinite.",
            where=where,
            what_to_do="Export the CT again in Hounsfield units; fill voxels outside the scan with -1024.",
        )
    if (slope, intercept) == (1.0, 0.0) and stored.dtype.kind in "iu" and np.can_cast(stored.dtype, np.int16):
        return stored.astype(np.int16)
    limits = np.iinfo(np.int16)
    with np.errstate(over="ignore"):  # infinity is clipped, too
        scaled = stored.astype(np.float64) * slope + intercept
    return np.clip(np.rint(scaled), limits.min, limits.max).astype(np.int16)
