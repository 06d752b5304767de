"""The CT of a finished case: the original, proven by its hash, or the copy in the case's scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedkd.case.layout import SCENE_FILE
from fedkd.case.provenance import InputRecord
from fedkd.case.scene_ct import unpack_scene_ct
from fedkd.cohort.making import CtFiles
from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes import CtVolume, as_one_file, read_ct

_SAME_SPACING = 1e-3  # relative


@dataclass(frozen=True)
class CaseCt:
    """A CT and where it lies on disk."""

    volume: CtVolume
    files: CtFiles


def ct_of_case(case_folder: Path, recorded: InputRecord, given: Path | None, scratch: Path) -> CaseCt:
    """Return the CT of a case.

    Args:
        case_folder: holds scene.mrb, which is used when no CT is given.
        recorded: what provenance.json says of the CT.
        given: the user's CT, if there is one.
        scratch: for unpacked and converted files.

    Raises:
        FedkdError: CT_DIFFERS when it is another CT; INPUT_NOT_FOUND or INPUT_UNREADABLE for the scene; those of
            `read_ct`.
    """
    if given is None:
        file = unpack_scene_ct(case_folder, recorded, scratch)
        volume = _read_unpacked(file, case_folder / SCENE_FILE)
        _check_voxels(volume, recorded, case_folder)
        return CaseCt(volume, CtFiles(file, only_in_scene=True))
    volume = read_ct(given, recorded.series_instance_uid)
    if volume.source.sha256 != recorded.sha256:
        raise FedkdError(
            ExitCode.CT_DIFFERS,
            f"This is not the CT that the case was made from, {recorded.name}: their contents differ.",
            where=given,
            what_to_do="Name the original CT with --ct, or leave --ct away to take the CT in the case's scene.",
        )
    return CaseCt(volume, CtFiles(as_one_file(volume, scratch), volume.source.dicom_files))


def _read_unpacked(file: Path, scene: Path) -> CtVolume:
    """Read the scene's CT; errors name the scene, as the unpacked file goes away."""
    try:
        return read_ct(file)
    except FedkdError as error:
        if error.code is ExitCode.OUT_OF_MEMORY:
            raise
        raise FedkdError(
            error.code,
            f"The CT in the scene cannot be used: {error.what}",
            where=scene,
            what_to_do="Name the CT that the case was made from with --ct.",
        ) from error


def _check_voxels(volume: CtVolume, recorded: InputRecord, case_folder: Path) -> None:
    grid = volume.grid
    if grid.size_xyz != recorded.size_xyz or not np.allclose(grid.spacing_mm, recorded.spacing_mm, rtol=_SAME_SPACING):
        raise FedkdError(
            ExitCode.CT_DIFFERS,
            "The CT in the case's scene has other voxels than the one the case was made from.",
            where=case_folder,
            what_to_do="Name the original CT with --ct.",
        )
