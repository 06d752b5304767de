"""The CT that lies in a case's scene.mrb, for measuring again without the original file.

The archive may come from anyone: nothing in it names a place on this machine, and no more is unpacked than the case's
CT can be long.
"""

from __future__ import annotations

import errno
import math
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from fedkd.case.layout import SCENE_FILE
from fedkd.case.provenance import InputRecord
from fedkd.errors import ExitCode, FedkdError

_MOST_ENTRIES = 1000
_LONGEST_VOXEL_BYTES = 8
_HEADER_BYTES = 1_000_000
_ENCRYPTED = 0x1
_BLOCK_BYTES = 1 << 20
_PACKED_AS_SLICER_DOES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_VOLUME_END, _SEGMENTATION_END = ".nrrd", ".seg.nrrd"


def unpack_scene_ct(case_folder: Path, ct: InputRecord, scratch: Path) -> Path:
    """Unpack the CT from scene.mrb to a file of our own name in ``scratch`` and return it.

    Args:
        case_folder: holds scene.mrb.
        ct: what provenance.json says of the CT: it limits how much is unpacked.
        scratch: an empty folder.

    Raises:
        FedkdError: INPUT_NOT_FOUND when there is no scene or no CT in it; INPUT_UNREADABLE when it is damaged.
    """
    scene = case_folder / SCENE_FILE
    if not scene.is_file():
        raise _no_ct(scene, "The case folder holds no scene, and so no CT.")
    target = scratch / "ct.nrrd"
    most_bytes = math.prod(ct.size_xyz) * _LONGEST_VOXEL_BYTES + _HEADER_BYTES
    try:
        with zipfile.ZipFile(scene) as archive:
            entry = _ct_entry(archive, scene)
            if entry.file_size > most_bytes:
                raise _damaged(scene, "its CT is longer than the case's")
            if entry.compress_type not in _PACKED_AS_SLICER_DOES or entry.flag_bits & _ENCRYPTED:
                raise _damaged(scene, "its CT is encrypted, or packed as Slicer does not")
            with archive.open(entry) as packed, target.open("xb") as unpacked:
                _copy(packed, unpacked, most_bytes, scene)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise _damaged(scene, str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise _damaged(scene, "it names a place before its beginning") from error
    return target


def _ct_entry(archive: zipfile.ZipFile, scene: Path) -> zipfile.ZipInfo:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _damaged(scene, f"it has {len(entries)} entries")
    found = [entry for entry in entries if _is_volume(entry.filename)]
    if len(found) != 1:
        raise _no_ct(scene, f"The scene holds {len(found) or 'no'} volume{'s' if len(found) > 1 else ''}, not one CT.")
    return found[0]


def _is_volume(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.parent.name == "data" and path.name.endswith(_VOLUME_END) and not path.name.endswith(_SEGMENTATION_END)


def _copy(packed: IO[bytes], unpacked: IO[bytes], most_bytes: int, scene: Path) -> None:
    """Copy no more than ``most_bytes``, whatever the archive says of its length."""
    copied = 0
    while block := packed.read(_BLOCK_BYTES):
        copied += len(block)
        if copied > most_bytes:
            raise _damaged(scene, "its CT is longer than the case's")
        unpacked.write(block)


def _no_ct(scene: Path, what: str) -> FedkdError:
    return FedkdError(
        ExitCode.INPUT_NOT_FOUND, what, where=scene, what_to_do="Name the CT that the case was made from with --ct."
    )


def _damaged(scene: Path, why: str) -> FedkdError:
    return FedkdError(
        ExitCode.INPUT_UNREADABLE,
        f"The scene cannot be unpacked: {why}.",
        where=scene,
        what_to_do="Name the CT that the case was made from with --ct.",
    )
