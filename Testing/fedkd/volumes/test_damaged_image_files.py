"""Truncated, corrupt and lying image files: always a clear refusal, never silently short data."""

from __future__ import annotations

import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.ct_images import GRID, array_on, ct_image
from builders.expect import refusal
from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes import read_ct

# file given to the user's command, compressed, file with the pixels
STORED = [
    ("ct.nii", False, "ct.nii"),
    ("ct.nii.gz", True, "ct.nii.gz"),
    ("ct.nrrd", False, "ct.nrrd"),
    ("ct.nrrd", True, "ct.nrrd"),
    ("ct.nhdr", False, "ct.raw"),
    ("ct.nhdr", True, "ct.raw.gz"),
    ("ct.mha", False, "ct.mha"),
    ("ct.mha", True, "ct.mha"),
    ("ct.mhd", False, "ct.raw"),
    ("ct.mhd", True, "ct.zraw"),
]
COMPRESSED = [row for row in STORED if row[1]]


def write(tmp_path: Path, name: str, compressed: bool) -> Path:
    sitk.WriteImage(ct_image(), str(tmp_path / name), compressed)
    return tmp_path / name


@pytest.mark.parametrize("keep", [0.97, 0.6, 0.01])
@pytest.mark.parametrize(("name", "compressed", "data"), STORED)
def test_truncated_files_are_refused(tmp_path, name, compressed, data, keep):
    path = write(tmp_path, name, compressed)
    content = (tmp_path / data).read_bytes()
    (tmp_path / data).write_bytes(content[: int(len(content) * keep)])
    with refusal(ExitCode.INPUT_UNREADABLE, where="ct."):
        read_ct(path)


@pytest.mark.parametrize("cut", [1, 4, 8])
@pytest.mark.parametrize(("name", "compressed", "data"), COMPRESSED)
def test_a_missing_checksum_is_noticed(tmp_path, name, compressed, data, cut):
    path = write(tmp_path, name, compressed)
    (tmp_path / data).write_bytes((tmp_path / data).read_bytes()[:-cut])
    with refusal(ExitCode.INPUT_UNREADABLE, where="ct."):
        read_ct(path)


@pytest.mark.parametrize(("name", "compressed", "data"), COMPRESSED)
def test_a_single_wrong_bit_in_compressed_data_is_noticed(tmp_path, name, compressed, data):
    path = write(tmp_path, name, compressed)
    content = bytearray((tmp_path / data).read_bytes())
    content[-len(content) // 3] ^= 0x10
    (tmp_path / data).write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, where="ct."):
        read_ct(path)


@pytest.mark.parametrize("name", ["ct.nii", "ct.nii.gz", "ct.nrrd", "ct.nhdr", "ct.mha", "ct.mhd"])
@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\x1f\x8b" + b"\xff" * 50, b"not a picture\n" * 99])
def test_anything_else_under_such_a_name_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, where=name):
        read_ct(tmp_path / name)


@pytest.mark.parametrize(("name", "compressed", "data"), STORED)
def test_more_data_than_the_header_says_are_refused(tmp_path, name, compressed, data):
    path = write(tmp_path, name, compressed)
    with (tmp_path / data).open("ab") as file:
        file.write(b"\1" * 200_000)
    with refusal(ExitCode.INPUT_UNREADABLE, where="ct."):
        read_ct(path)


def nifti_with(tmp_path: Path, offset: int, *values: object, form: str) -> Path:
    """A NIfTI file with bytes of its header replaced (offsets as in nifti1.h)."""
    path = tmp_path / "ct.nii"
    nibabel.save(nibabel.Nifti1Image(np.rint(array_on(GRID)).transpose(2, 1, 0).astype(np.int16), np.eye(4)), path)
    content = bytearray(path.read_bytes())
    struct.pack_into("<" + form, content, offset, *values)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("code", "offset", "values", "form"),
    [
        (ExitCode.INPUT_UNREADABLE, 42, (32767, 32767, 32767), "3h"),  # dim: an absurd size
        (ExitCode.NOT_A_VOLUME, 42, (-5, 40, 48), "3h"),
        (ExitCode.NOT_A_VOLUME, 40, (2,), "h"),
        (ExitCode.INPUT_UNREADABLE, 40, (300,), "h"),
        (ExitCode.INPUT_UNREADABLE, 70, (9999,), "h"),  # datatype
        (ExitCode.NOT_A_VOLUME, 70, (128,), "h"),  # RGB
        (ExitCode.NOT_A_VOLUME, 70, (32,), "h"),  # complex
        (ExitCode.INPUT_UNREADABLE, 108, (float("nan"),), "f"),  # vox_offset
        (ExitCode.INPUT_UNREADABLE, 108, (1e20,), "f"),
        (ExitCode.INPUT_UNREADABLE, 108, (12.0,), "f"),
        (ExitCode.INPUT_UNREADABLE, 112, (float("inf"),), "f"),  # scl_slope
        (ExitCode.INPUT_UNREADABLE, 344, (b"ni1\0",), "4s"),  # magic of a header without data
    ],
)
def test_lying_nifti_headers_are_refused(tmp_path, code, offset, values, form):
    path = nifti_with(tmp_path, offset, *values, form=form)
    with refusal(code, where=path):
        read_ct(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["ct.nii", "ct.nrrd", "ct.mha"]),
    changes=st.lists(st.tuples(st.integers(0, 420), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_mutated_headers_give_a_volume_or_a_refusal(tmp_path, name, changes):
    path = write(tmp_path, name, False)
    content = bytearray(path.read_bytes())
    for offset, value in changes:
        content[offset] = value
    path.write_bytes(content)
    try:
        ct = read_ct(path)
    except FedkdError as error:
        assert error.what
        assert error.what_to_do
    else:
        assert ct.image.GetDimension() == 3
