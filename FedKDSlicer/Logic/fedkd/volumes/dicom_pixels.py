"""Decode the pixels of stacked DICOM slices with GDCM, through SimpleITK."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.volumes.dicom_headers import SliceHeader
from fedkd.volumes.dicom_stack import Stack
from fedkd.volumes.pixel_stream import Int16Array, to_hu
from fedkd.volumes.quiet import quiet_itk
from fedkd.volumes.refusals import unreadable


def read_slices_hu(stack: Stack) -> Int16Array:
    """Return the pixels in HU, axes ``zyx``; one file is in memory at a time.

    Raises:
        FedkdError: INPUT_UNREADABLE naming the file that is truncated or cannot be decoded.
    """
    columns, rows, slices = stack.grid.size_xyz
    volume = np.empty((slices, rows, columns), np.int16)
    frames_of: dict[Path, list[int]] = {}
    for index, item in enumerate(stack.slices):
        frames_of.setdefault(item.file, []).append(index)
    with quiet_itk():
        for file, indices in frames_of.items():
            frames = _decode(stack.slices[indices[0]])
            for index in indices:
                frame = stack.slices[index].frame
                if frame >= len(frames) or frames[frame].shape != (rows, columns):
                    raise unreadable(file, "The pixels of the DICOM file do not fit its header.")
                volume[index] = to_hu(frames[frame], 1.0, 0.0, file)
    return volume


def _decode(item: SliceHeader) -> npt.NDArray[np.generic]:
    """Return the pixels of a file, axes (frame, row, column), with slope and intercept applied by GDCM."""
    # GDCM was seen to fill up pixel data that are too short for the header, without a word.
    if item.file.stat().st_size < item.needed_bytes:
        raise unreadable(item.file, "The DICOM file is not complete.")
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(item.file))
    try:
        pixels: npt.NDArray[np.generic] = sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise unreadable(item.file, "The pixels of the DICOM file cannot be decoded.") from error
    return pixels.reshape(-1, *pixels.shape[-2:])
