"""Reading NIfTI, NRRD and MetaImage files, as ITK writes them."""

from __future__ import annotations

import gzip
import hashlib
import itertools
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.ct_images import GRID, array_on, ct_image, hu_at, image_of, rotation
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.volumes import read_ct

NAMES = ["ct.nii", "ct.nii.gz", "ct.nrrd", "ct.nhdr", "ct.mha", "ct.mhd"]
KINDS = ["nifti", "nifti", "nrrd", "nrrd", "metaimage", "metaimage"]


def write(image: sitk.Image, path: Path, compressed: bool = False) -> Path:
    sitk.WriteImage(image, str(path), compressed)
    return path


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_values_and_geometry_are_what_itk_reads(tmp_path, name, compressed):
    path = write(ct_image(), tmp_path / name, compressed)
    ct = read_ct(path)
    expected = sitk.ReadImage(str(path))
    assert ct.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_array_equal(sitk.GetArrayFromImage(ct.image), sitk.GetArrayFromImage(expected))
    for ours, theirs in [
        (ct.image.GetOrigin(), expected.GetOrigin()),
        (ct.image.GetSpacing(), expected.GetSpacing()),
        (ct.image.GetDirection(), expected.GetDirection()),
    ]:
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(("name", "kind"), list(zip(NAMES, KINDS, strict=True)))
def test_source_names_the_file_by_its_content(tmp_path, name, kind):
    path = write(ct_image(), tmp_path / name)
    source = read_ct(path).source
    data = b"".join(file.read_bytes() for file in [path, *sorted(tmp_path.glob("ct.raw*"))])
    assert (source.path, source.format, source.sha256) == (path, kind, hashlib.sha256(data).hexdigest())
    assert source.series_instance_uid is None


@pytest.mark.parametrize("pixel_type", [sitk.sitkInt32, sitk.sitkFloat32, sitk.sitkFloat64])
@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nrrd", "ct.mha"])
def test_other_pixel_types_are_rounded(tmp_path, name, pixel_type):
    exact = array_on(GRID)
    path = write(sitk.Cast(image_of(exact, GRID), pixel_type), tmp_path / name)
    values = sitk.GetArrayFromImage(read_ct(path).image)
    stored = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    np.testing.assert_array_equal(values, np.rint(stored))


def test_floats_beyond_int16_are_clipped(tmp_path):
    values = array_on(GRID)
    values[0, 0, 0], values[1, 1, 1] = 1e9, -1e9
    path = write(sitk.Cast(image_of(values, GRID), sitk.sitkFloat32), tmp_path / "ct.nrrd")
    read = sitk.GetArrayFromImage(read_ct(path).image)
    assert (read[0, 0, 0], read[1, 1, 1]) == (32767, -32768)


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("image_class", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_nifti_scaling_byte_order_and_version(tmp_path, image_class, byte_order):
    stored = np.rint((array_on(GRID).transpose(2, 1, 0) + 1024) * 2).astype(np.int16)
    header = image_class.header_class(endianness=byte_order)
    header.set_data_dtype(np.int16)
    image = image_class(stored, np.diag([-1.2, -1.25, 1.0, 1.0]), header)
    image.header.set_slope_inter(0.5, -1024)
    image.header["vox_offset"] = 0
    path = tmp_path / "ct.nii.gz"
    nibabel.save(image, path)
    expected = np.rint(np.asanyarray(nibabel.load(path).dataobj)).transpose(2, 1, 0)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(read_ct(path).image), expected)


@pytest.mark.parametrize(("unit", "factor"), [("meter", 0.001), ("micron", 1000.0), ("mm", 1.0), ("unknown", 1.0)])
def test_nifti_units_are_respected(tmp_path, unit, factor):
    affine = np.diag([1.2 * factor, 1.25 * factor, 1.0 * factor, 1.0])
    image = nibabel.Nifti1Image(np.rint(array_on(GRID)).transpose(2, 1, 0).astype(np.int16), affine)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "ct.nii")
    np.testing.assert_allclose(read_ct(tmp_path / "ct.nii").grid.spacing_mm, (1.2, 1.25, 1.0), rtol=1e-5)


def test_a_fourth_axis_of_one_is_no_hindrance(tmp_path):
    data = np.rint(array_on(GRID)).transpose(2, 1, 0).astype(np.int16)[..., None]
    nibabel.save(nibabel.Nifti1Image(data, np.diag([1.2, 1.25, 1.0, 1.0])), tmp_path / "ct.nii")
    assert read_ct(tmp_path / "ct.nii").grid.size_xyz == GRID.size_xyz


def test_several_gzip_streams_in_a_row_are_one_file(tmp_path):
    plain = write(ct_image(), tmp_path / "plain.nii").read_bytes()
    path = tmp_path / "ct.nii.gz"
    path.write_bytes(gzip.compress(plain[:70_001]) + gzip.compress(plain[70_001:]))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(read_ct(path).image), sitk.GetArrayFromImage(ct_image()))


def oriented(permutation: tuple[int, ...], flips: tuple[bool, ...], degrees: float) -> Grid:
    axes = rotation(0, degrees) @ rotation(2, degrees / 2)
    axes = axes[:, permutation] * np.where(flips, -1.0, 1.0)
    size, spacing = (48, 44, 42), (1.0, 1.1, 1.2)
    center = np.array([-2.0, -34.0, 535.0])
    origin = center - axes @ ((np.array(size) - 1) / 2 * spacing)
    return Grid(size, spacing, tuple(origin.tolist()), tuple(axes.ravel().tolist()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    permutation=st.sampled_from(list(itertools.permutations(range(3)))),
    flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    degrees=st.sampled_from([0.0, 25.0]),
    name=st.sampled_from(["ct.nii", "ct.nrrd", "ct.mha"]),
    places=st.lists(st.tuples(*[st.floats(-14, 14)] * 3), min_size=1, max_size=5),
)
def test_any_orientation_keeps_every_value_in_its_place(tmp_path, permutation, flips, degrees, name, places):
    path = write(ct_image(oriented(permutation, flips, degrees)), tmp_path / name)
    ct = read_ct(path)
    points = np.array(places) + (-2.0, -34.0, 535.0)
    nearest = np.rint(ct.grid.lps_to_index(points)).astype(int)
    stored = [ct.image.GetPixel(*index.tolist()) for index in nearest]
    np.testing.assert_allclose(stored, hu_at(ct.grid.index_to_lps(nearest)), atol=0.6)
    np.testing.assert_allclose(ct.grid.index_to_lps(ct.grid.lps_to_index(points)), points, atol=1e-9)
    for point in points:
        np.testing.assert_allclose(
            ct.image.TransformPhysicalPointToContinuousIndex(point.tolist()), ct.grid.lps_to_index(point), atol=1e-6
        )


def test_thick_slices_are_read(tmp_path):
    grid = Grid((120, 110, 20), (0.4, 0.4, 3.0), (-26.0, -56.0, 506.0))
    assert read_ct(write(ct_image(grid), tmp_path / "ct.nii.gz")).grid.spacing_mm == pytest.approx((0.4, 0.4, 3.0))


@pytest.mark.parametrize("name", ["contrast_ct.nii.gz", "no_heart_ct.nii.gz"])
def test_real_cts_are_what_itk_reads(shared_data, name):
    path = shared_data / "real_ct" / name
    ct, expected = read_ct(path), sitk.ReadImage(str(path))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(ct.image), sitk.GetArrayFromImage(expected))
    np.testing.assert_allclose(ct.image.GetOrigin(), expected.GetOrigin(), atol=1e-4)
    np.testing.assert_allclose(ct.image.GetDirection(), expected.GetDirection(), atol=1e-5)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "ct.jpg").write_bytes(b"\xff\xd8")
    with refusal(ExitCode.INPUT_UNREADABLE, ".nii.gz", where="ct.jpg"):
        read_ct(tmp_path / "ct.jpg")
    with refusal(ExitCode.INPUT_NOT_FOUND, where="missing.nii"):
        read_ct(tmp_path / "missing.nii")
