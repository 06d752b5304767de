"""What the user has chosen to predict, and how it is handed to the engine: as files that it reads and checks itself."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import slicer

from fedkd.atomic import writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer.panel.worklist.scratch import Scratch

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 80


class Given(Protocol):
    """Something to predict."""

    def paths(self, scratch: Scratch, output: Path) -> tuple[Path, ...]:
        """Return what ``fedkd predict`` is given; copies go into ``scratch``, in the output folder.

        Raises:
            FedkdError: it cannot be taken.
        """
        ...


@dataclass(frozen=True)
class GivenPath:
    """A file, or a folder or table of several CTs: read where it is."""

    path: Path

    def paths(self, scratch: Scratch, output: Path) -> tuple[Path, ...]:
        """Return the path.

        Raises:
            FedkdError: INPUT_NOT_FOUND.
        """
        if not self.path.exists():
            raise FedkdError(
                ExitCode.INPUT_NOT_FOUND,
                "There is no such file or folder.",
                where=self.path,
                what_to_do="Choose the CT again.",
            )
        return (self.path.absolute(),)


@dataclass(frozen=True)
class GivenVolume:
    """A volume of the scene, by its id: it may be gone when it is needed. ``case``: names the case."""

    node_id: str
    case: str

    def paths(self, scratch: Scratch, output: Path) -> tuple[Path, ...]:
        """Return a copy: the user's volume may never have been saved.

        Raises:
            FedkdError: INPUT_NOT_FOUND; GEOMETRY_INVALID for a volume that a transform moves; OUTPUT_NOT_WRITABLE.
        """
        volume = slicer.mrmlScene.GetNodeByID(self.node_id)
        if volume is None or volume.GetImageData() is None:
            raise FedkdError(
                ExitCode.INPUT_NOT_FOUND,
                "The volume is not in the scene any more, or it is empty.",
                where="scene",
                what_to_do="Choose another volume.",
            )
        if volume.GetParentTransformNode() is not None:
            # Landmarks would be found where the voxels are, and shown where the transform puts the volume.
            raise FedkdError(
                ExitCode.GEOMETRY_INVALID,
                "The volume is moved by a transform, so that landmarks would not lie on what you see.",
                where=volume.GetName(),
                what_to_do="Harden the transform in Slicer's Data module (right-click the volume), then predict again.",
            )
        file = scratch.folder_in(output, "ct") / f"{self.case}.nrrd"
        # A storage node of our own: the volume goes on belonging to the file that it came from.
        storage = slicer.vtkMRMLNRRDStorageNode()
        storage.SetFileName(str(file))
        storage.SetUseCompression(False)
        if not storage.WriteData(volume):
            raise FedkdError(
                ExitCode.OUTPUT_NOT_WRITABLE,
                "The volume could not be written for the engine.",
                where=output,
                what_to_do="Check that there is space on the disk, or choose another folder for the results.",
            )
        return (file,)


@dataclass(frozen=True)
class GivenSeries:
    """Files of a series in Slicer's DICOM database. ``case``: names the case."""

    files: tuple[Path, ...]
    case: str

    def paths(self, scratch: Scratch, output: Path) -> tuple[Path, ...]:
        """Return a folder with the series alone; the engine sorts and checks its slices by their headers.

        The files get numbers for names: those in the database may hold a patient's name.

        Raises:
            FedkdError: INPUT_NOT_FOUND; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        if not self.files or not all(file.is_file() for file in self.files):
            raise FedkdError(
                ExitCode.INPUT_NOT_FOUND,
                "Files of this series are missing on the disk.",
                where="Slicer's DICOM database",
                what_to_do="Import the series again in Slicer's DICOM module.",
            )
        folder = scratch.folder_in(output, self.case)
        try:
            for number, file in enumerate(self.files):
                link_or_copy(file, folder / f"{number:05d}.dcm")
        except OSError as error:
            raise writing_error(output, error) from error
        return (folder,)


def case_name(wish: str, fallback: str) -> str:
    """Return a name that is safe for a folder: the user's wish, or the fallback."""
    name = _UNSAFE.sub("_", wish).strip("_")[:_LONGEST_NAME]
    return name or fallback


def name_from_hash(secret: str) -> str:
    """Return a name for a case that says nothing of the patient, and is the same every time."""
    return f"ct-{hashlib.sha256(secret.encode()).hexdigest()[:8]}"


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; where that does not work, copy it.

    Raises:
        OSError: it cannot be written.
    """
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)
