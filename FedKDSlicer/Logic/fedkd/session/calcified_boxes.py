"""The calcification as a panel reads it: small files, one for every answer, so that none changes while it is read."""

from __future__ import annotations

from pathlib import Path

from fedkd.atomic import write_atomically
from fedkd.case.calcified_box import CalcifiedBox
from fedkd.case.segmentation_file import write_calcified_box

_KEPT = 2


class CalcifiedBoxes:
    """Files in a folder.

    Args:
        folder: an existing one; it may hold other files, too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._files: list[Path] = []

    def write(self, box: CalcifiedBox) -> Path:
        """Write a new file and return it; the panel may still be reading the one before.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        self._count += 1
        file = self._folder / f"calcification-{self._count}.seg.nrrd"
        write_atomically(file, lambda unfinished: write_calcified_box(box, unfinished))
        self._files.append(file)
        while len(self._files) > _KEPT:
            self._files.pop(0).unlink(missing_ok=True)
        return file
