"""The slices of a DICOM series in order, for who writes DICOM that refers to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fedkd.volumes.dicom_headers import SliceHeader
from fedkd.volumes.dicom_scan import scan_dicom
from fedkd.volumes.dicom_series import Series
from fedkd.volumes.dicom_stack import Stack, stack_slices
from fedkd.volumes.refusals import unreadable


def order_dicom_slices(files: Sequence[Path]) -> Stack:
    """Read the headers of the files of one series, given in any order, and put its slices in order.

    Raises:
        FedkdError: INPUT_UNREADABLE for a damaged file or files of several series; what `stack_slices` raises.
    """
    slices: list[SliceHeader] = []
    for file in files:
        found = scan_dicom(file).slices
        if not found:
            raise unreadable(file, "The file is no DICOM image, or damaged.")
        slices.extend(found)
    if len({item.series.series_uid for item in slices}) != 1:
        raise unreadable(f"{len(files)} files", "The files are not one DICOM series.")
    return stack_slices(Series(files[0].parent, tuple(slices)))
