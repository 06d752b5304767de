"""NRRD files that we compress ourselves are read by everybody else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import ct_image
from fedkd.volumes import pack_nrrd, read_volume_file


def packed(source: Path, target: Path) -> Path:
    with target.open("wb") as file:
        pack_nrrd(source, file)
    return target


def test_voxels_and_header_stay(tmp_path: Path) -> None:
    sitk.WriteImage(ct_image(), str(tmp_path / "raw.nrrd"))
    path = packed(tmp_path / "raw.nrrd", tmp_path / "packed.nrrd")
    assert path.stat().st_size < (tmp_path / "raw.nrrd").stat().st_size
    before, after = sitk.ReadImage(str(tmp_path / "raw.nrrd")), sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(before), sitk.GetArrayFromImage(after))
    for name in ("GetOrigin", "GetSpacing", "GetDirection", "GetPixelID"):
        assert getattr(before, name)() == getattr(after, name)()
    assert np.array_equal(read_volume_file(path).values, sitk.GetArrayFromImage(before))
    header = [path.read_bytes().partition(b"\n\n")[0] for path in (tmp_path / "raw.nrrd", path)]
    assert header[0].replace(b"encoding: raw", b"encoding: gzip") == header[1]


def test_data_longer_than_a_block_stay(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(-1000, 1000, (30, 400, 500), np.int16)
    sitk.WriteImage(sitk.GetImageFromArray(values), str(tmp_path / "raw.nrrd"))
    path = packed(tmp_path / "raw.nrrd", tmp_path / "packed.nrrd")
    assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(path))), values)


@pytest.mark.parametrize("name", ["compressed.nrrd", "elsewhere.nhdr", "cut.nrrd"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    sitk.WriteImage(ct_image(), str(path), useCompression=name.startswith("compressed"))
    if name.startswith("cut"):
        path.write_bytes(path.read_bytes().partition(b"encoding: raw\n")[0] + b"encoding: raw\n")
    with pytest.raises(ValueError, match="no uncompressed data"):
        pack_nrrd(path, io.BytesIO())
