"""Headers whose geometry cannot be trusted, and headers that point elsewhere."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import GRID, array_on, ct_image, image_of
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.volumes import read_ct

AFFINE = np.diag([1.2, 1.25, 1.0, 1.0])


def nifti(tmp_path: Path, change) -> Path:
    image = nibabel.Nifti1Image(np.rint(array_on(GRID)).transpose(2, 1, 0).astype(np.int16), AFFINE)
    image.set_sform(AFFINE, 1)
    image.set_qform(AFFINE, 1)
    path = tmp_path / "ct.nii"
    nibabel.save(image, path)
    # After saving, so that nibabel does not repair what is changed.
    content = bytearray(path.read_bytes())
    header = nibabel.Nifti1Header(bytes(content[:348]), check=False)
    change(header)
    content[:348] = header.binaryblock
    path.write_bytes(content)
    return path


def set_pixdim(value):
    def change(header):
        header["pixdim"][2] = value

    return change


def set_sform(affine):
    def change(header):
        header.set_sform(affine, 1)
        header["qform_code"] = 0

    return change


def no_orientation(header):
    header["sform_code"] = header["qform_code"] = 0


def contradiction(header):
    moved = AFFINE.copy()
    moved[0, 3] = 30.0
    header.set_sform(moved, 1)


def other_spacing(header):
    header["qform_code"] = 0
    header["pixdim"][3] = 2.0


def unknown_unit(header):
    header["xyzt_units"] = 5


SHEARED = AFFINE @ np.array([[1, 0, 0, 0], [0, 1, 0.2, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (set_pixdim(0.0), "voxel size"),
        (set_pixdim(-1.25), "voxel size"),
        (set_pixdim(np.nan), "voxel size"),
        (set_sform(np.diag([1.2, 0.0, 1.0, 1.0])), "orientation"),
        (set_sform(np.full((4, 4), np.nan)), "not a number"),
        (set_sform(SHEARED), "right angles"),
        (no_orientation, "neither sform nor qform"),
        (contradiction, "contradict"),
        (other_spacing, "two different voxel sizes"),
        (unknown_unit, "unit"),
    ],
)
def test_nifti_geometry_that_cannot_be_trusted_is_refused(tmp_path, change, word):
    path = nifti(tmp_path, change)
    with refusal(ExitCode.GEOMETRY_INVALID, word, where=path):
        read_ct(path)


def replaced(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("ct.nrrd", b"space: left-posterior-superior\n", b"", ExitCode.GEOMETRY_INVALID),
        ("ct.nrrd", b"left-posterior-superior", b"scanner-xyz", ExitCode.GEOMETRY_INVALID),
        ("ct.nrrd", b"space directions", b"Space Note", ExitCode.GEOMETRY_INVALID),
        ("ct.nrrd", b"(1.2,0,0)", b"(nan,0,0)", ExitCode.NOT_A_VOLUME),
        ("ct.nrrd", b"(1.2,0,0)", b"none", ExitCode.NOT_A_VOLUME),
        ("ct.nrrd", b"(1.2,0,0)", b"(0,0,0)", ExitCode.GEOMETRY_INVALID),
        ("ct.nrrd", b"(1.2,0,0)", b"(0.9,0.9,0)", ExitCode.GEOMETRY_INVALID),
        ("ct.nrrd", b"encoding: raw", b"encoding: hex", ExitCode.INPUT_UNREADABLE),
        ("ct.nrrd", b"dimension: 3", b"dimension: 4", ExitCode.NOT_A_VOLUME),
        ("ct.nrrd", b"kinds: domain domain domain", b"kinds: RGB-color domain domain", ExitCode.NOT_A_VOLUME),
        ("ct.nrrd", b"endian: little", b"endian: little\nbyte skip: 5", ExitCode.INPUT_UNREADABLE),
        ("ct.nrrd", b"type: short", b"type: block", ExitCode.INPUT_UNREADABLE),
        ("ct.nrrd", b"endian: little", b'space units: "m" "m" "m"\nendian: little', ExitCode.GEOMETRY_INVALID),
        ("ct.mha", b"TransformMatrix = 1 0 0 0 1 0 0 0 1\n", b"", ExitCode.GEOMETRY_INVALID),
        ("ct.mha", b"1 0 0 0 1 0 0 0 1", b"1 0 0 0 1 0 0 1 0", ExitCode.GEOMETRY_INVALID),
        ("ct.mha", b"ElementSpacing = 1.2", b"ElementSpacing = 0.0", ExitCode.GEOMETRY_INVALID),
        ("ct.mha", b"NDims = 3", b"NDims = 2", ExitCode.NOT_A_VOLUME),
        ("ct.mha", b"ElementType = MET_SHORT", b"ElementNumberOfChannels = 3\nElementType = MET_SHORT",
         ExitCode.NOT_A_VOLUME),
        ("ct.mha", b"BinaryData = True", b"BinaryData = False", ExitCode.INPUT_UNREADABLE),
        ("ct.mha", b"NDims = 3", b"NDims = 3\nHeaderSize = 100", ExitCode.INPUT_UNREADABLE),
        ("ct.mha", b"NDims = 3", b"NDims = 3\nDistanceUnits = m", ExitCode.GEOMETRY_INVALID),
        ("ct.mha", b"MET_SHORT", b"MET_STRING", ExitCode.INPUT_UNREADABLE),
    ],
)  # fmt: skip
def test_odd_text_headers_are_refused(tmp_path, name, old, new, code):
    sitk.WriteImage(ct_image(), str(tmp_path / name))
    path = replaced(tmp_path / name, old, new)
    with refusal(code, where=path):
        read_ct(path)


@pytest.mark.parametrize("target", ["../secret.raw", "{folder}/secret.raw", "..", "LIST", "C:\\secret.raw", "gone.raw"])
@pytest.mark.parametrize("name", ["ct.nhdr", "ct.mhd"])
def test_data_files_elsewhere_are_not_followed(tmp_path, name, target):
    folder = tmp_path / "given"
    folder.mkdir()
    sitk.WriteImage(ct_image(), str(folder / name))
    (folder / "ct.raw").rename(tmp_path / "secret.raw")
    path = replaced(folder / name, b"ct.raw", target.format(folder=tmp_path).encode())
    with refusal(ExitCode.INPUT_UNREADABLE, where=path):
        read_ct(path)


@pytest.mark.parametrize("name", ["ct.nhdr", "ct.mhd"])
def test_links_out_of_the_folder_are_not_followed(tmp_path, name):
    folder = tmp_path / "given"
    folder.mkdir()
    sitk.WriteImage(ct_image(), str(folder / name))
    (folder / "ct.raw").rename(tmp_path / "secret.raw")
    (folder / "ct.raw").symlink_to(tmp_path / "secret.raw")
    with refusal(ExitCode.INPUT_UNREADABLE, "missing beside the header", where=name):
        read_ct(folder / name)


@pytest.mark.parametrize(
    ("spacing", "size", "word"),
    [
        ((0.5, 0.5, 6.0), (100, 100, 12), "too thick"),
        ((0.001, 0.001, 0.001), (44, 40, 48), "implausibly small"),
        ((1.0, 1.0, 1.0), (60, 60, 30), "too small"),
    ],
)
def test_volumes_the_root_cannot_be_seen_in_are_refused(tmp_path, spacing, size, word):
    grid = Grid(size, spacing, GRID.origin_lps_mm)
    sitk.WriteImage(ct_image(grid), str(tmp_path / "ct.nrrd"))
    with refusal(ExitCode.GEOMETRY_INVALID, word, where="ct.nrrd"):
        read_ct(tmp_path / "ct.nrrd")


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nrrd", "ct.mha"])
@pytest.mark.parametrize("kind", ["2D", "flat", "4D", "vector"])
def test_what_is_no_single_volume_is_refused(tmp_path, name, kind):
    volume = ct_image()
    image = {
        "2D": lambda: volume[:, :, 20],
        "flat": lambda: volume[:, :, 20:21],
        "4D": lambda: sitk.JoinSeries([volume, volume]),
        "vector": lambda: sitk.Compose([volume, volume, volume]),
    }[kind]()
    sitk.WriteImage(image, str(tmp_path / name))
    with refusal(ExitCode.NOT_A_VOLUME, where=name):
        read_ct(tmp_path / name)


def changed(kind: str) -> sitk.Image:
    hu = array_on(GRID).astype(np.float32)
    if kind in {"nan", "inf"}:
        hu[10, 10, 10] = {"nan": np.nan, "inf": np.inf}[kind]
    values = {
        "nan": hu,
        "inf": hu,
        "unsigned": hu + 1024,
        "normalized": (hu + 438) / 521,
        "gray": np.clip((hu + 1000) / 2000 * 255, 0, 255),
        "shifted": hu - 1024,
        "scaled": hu * 10,
        "blank": np.full_like(hu, -1000),
        "mr": np.abs(hu),
    }[kind]
    return image_of(values, GRID)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("nan", "NaN"),
        ("inf", "infinite"),
        ("unsigned", "unsigned"),
        ("normalized", "normalized"),
        ("gray", "gray"),
        ("shifted", "shifted"),
        ("scaled", "scaled"),
        ("blank", "blank"),
        ("mr", "MR"),
    ],
)
@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nrrd", "ct.mha"])
def test_values_that_are_not_hounsfield_units_are_refused(tmp_path, name, kind, word):
    sitk.WriteImage(changed(kind), str(tmp_path / name))
    with refusal(ExitCode.INTENSITIES_INVALID, word, where=name):
        read_ct(tmp_path / name)
