"""Reading DICOM series: the values, the places, the choice of the series."""

from __future__ import annotations

import hashlib

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import RLELossless

from builders.ct_images import GRID, array_on, rotation
from builders.dicom_series import SeriesSpec, edit, write_enhanced, write_series
from builders.expect import refusal
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.volumes import read_ct

HU = np.rint(array_on(GRID)).astype(np.int16)
OBLIQUE = Grid(
    GRID.size_xyz,
    GRID.spacing_mm,
    GRID.origin_lps_mm,
    tuple((rotation(0, 20) @ rotation(2, 10)).ravel().tolist()),
)


def assert_same(ct, grid: Grid, hu=HU) -> None:
    np.testing.assert_array_equal(sitk.GetArrayFromImage(ct.image), hu)
    assert ct.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_allclose(ct.image.GetOrigin(), grid.origin_lps_mm, atol=1e-5)
    np.testing.assert_allclose(ct.image.GetSpacing(), grid.spacing_mm, atol=1e-5)
    np.testing.assert_allclose(ct.image.GetDirection(), grid.direction, atol=1e-6)


@pytest.mark.parametrize("grid", [GRID, OBLIQUE], ids=["axial", "oblique"])
@pytest.mark.parametrize("scaling", [(1.0, -1024.0), (0.5, -1024.0), (1.0, 0.0)], ids=str)
def test_values_and_places_whatever_the_file_names(tmp_path, grid, scaling):
    spec = SeriesSpec(slope=scaling[0], intercept=scaling[1])
    files = write_series(tmp_path / "series", HU, grid, spec)
    ct = read_ct(tmp_path / "series")
    assert_same(ct, grid)
    assert ct.source.sha256 == hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    assert (ct.source.format, ct.source.series_instance_uid) == ("dicom", spec.uid)
    assert (ct.source.study_instance_uid, ct.source.frame_of_reference_uid) == (spec.study_uid, spec.frame_uid)


def test_slices_stored_from_head_to_feet_are_turned_into_one_order(tmp_path):
    write_series(tmp_path / "series", HU[::-1], flipped_z(), SeriesSpec())
    assert_same(read_ct(tmp_path / "series"), GRID)


def flipped_z() -> Grid:
    top = GRID.index_to_lps((0, 0, GRID.size_xyz[2] - 1)).tolist()
    return Grid(GRID.size_xyz, GRID.spacing_mm, tuple(top), (1, 0, 0, 0, 1, 0, 0, 0, -1))


def test_geometry_agrees_with_itk(tmp_path):
    write_series(tmp_path, HU, OBLIQUE, SeriesSpec())
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    expected = reader.Execute()
    ct = read_ct(tmp_path)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(ct.image), sitk.GetArrayFromImage(expected))
    np.testing.assert_allclose(ct.image.GetOrigin(), expected.GetOrigin(), atol=1e-4)
    np.testing.assert_allclose(ct.image.GetDirection(), expected.GetDirection(), atol=1e-4)
    np.testing.assert_allclose(ct.image.GetSpacing(), expected.GetSpacing(), atol=1e-4)


@pytest.mark.parametrize("given", ["folder", "file"])
def test_enhanced_multi_frame_ct(tmp_path, given):
    file = write_enhanced(tmp_path / "enhanced", HU, OBLIQUE, SeriesSpec(slope=0.5))
    assert_same(read_ct(tmp_path if given == "folder" else file), OBLIQUE)


def test_enhanced_ct_with_two_phases_is_refused(tmp_path):
    file = write_enhanced(tmp_path / "enhanced.dcm", HU, GRID, SeriesSpec())
    data = pydicom.dcmread(file)
    frames = data.PerFrameFunctionalGroupsSequence
    frames[3].PlanePositionSequence = frames[4].PlanePositionSequence
    data.save_as(file)
    with refusal(ExitCode.GEOMETRY_INVALID, "same place", where="enhanced.dcm"):
        read_ct(tmp_path)


def test_compressed_slices_and_files_without_preamble_or_suffix(tmp_path):
    for index, file in enumerate(write_series(tmp_path, HU, GRID, SeriesSpec())):
        if index % 2:
            data = pydicom.dcmread(file)
            data.compress(RLELossless)
            data.save_as(file.with_suffix(""))
            file.unlink()
    assert_same(read_ct(tmp_path), GRID)


def test_nested_folders_with_junk(tmp_path):
    for index, file in enumerate(write_series(tmp_path / "a" / "b", HU, GRID, SeriesSpec())):
        if index % 3 == 0:
            (tmp_path / "a" / "c").mkdir(exist_ok=True)
            file.rename(tmp_path / "a" / "c" / file.name)
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM" + b"junk")
    (tmp_path / "a" / "b" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "a" / "b" / "._IM00001.dcm").write_bytes(b"resource fork")
    (tmp_path / "a" / "readme.txt").write_text("made by a viewer")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 30)
    assert_same(read_ct(tmp_path), GRID)


def test_links_to_other_folders_are_not_followed(tmp_path):
    write_series(tmp_path / "elsewhere", HU, GRID, SeriesSpec())
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "elsewhere")
    with refusal(ExitCode.INPUT_NOT_FOUND, where="given"):
        read_ct(tmp_path / "given")


@pytest.mark.parametrize(
    ("other", "slices"),
    [
        (SeriesSpec(image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")), 48),
        (SeriesSpec(image_type=("DERIVED", "SECONDARY", "MPR")), 48),
        (SeriesSpec(image_type=("DERIVED", "SECONDARY", "AXIAL", "MIP")), 48),
        (SeriesSpec(image_type=("DERIVED", "PRIMARY", "AXIAL")), 48),
        (SeriesSpec(modality="SR"), 48),
        (SeriesSpec(modality="MR"), 48),
        (SeriesSpec(contrast=""), 48),
        (SeriesSpec(), 4),
    ],
    ids=["localizer", "reformat", "projection", "derived", "report", "mr", "native", "few"],
)
def test_the_contrast_ct_is_chosen_over_what_scanners_add(tmp_path, other, slices):
    wanted = SeriesSpec(description="wanted")
    write_series(tmp_path / "one", HU[:slices], GRID, other)
    write_series(tmp_path / "two", HU, GRID, wanted)
    assert read_ct(tmp_path).source.series_instance_uid == wanted.uid


def test_thin_slices_are_chosen_over_thick_ones(tmp_path):
    thin, thick = SeriesSpec(), SeriesSpec()
    write_series(tmp_path / "thin", HU, GRID, thin)
    grid = Grid((44, 40, 24), (1.2, 1.25, 2.0), GRID.origin_lps_mm)
    write_series(tmp_path / "thick", HU[::2], grid, thick)
    assert read_ct(tmp_path).source.series_instance_uid == thin.uid
    assert read_ct(tmp_path, thick.uid).source.series_instance_uid == thick.uid


def test_screenshots_are_no_ct(tmp_path):
    for file in write_series(tmp_path, HU[:3], GRID, SeriesSpec(image_type=("DERIVED", "SECONDARY"))):
        edit(file, SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    with refusal(ExitCode.NOT_A_CT, "screenshot", where=tmp_path):
        read_ct(tmp_path)


def test_several_phases_are_listed_with_how_to_choose(tmp_path):
    specs = [SeriesSpec(phase_percent=phase, description=f"CTA {phase} %") for phase in (35, 75)]
    for number, spec in enumerate(specs):
        write_series(tmp_path / str(number), HU, GRID, spec)
    words = ["--series UID", "phase 75 %", "48 slices", "1.00 mm", "'CTA 35 %'", *(spec.uid for spec in specs)]
    with refusal(ExitCode.SERIES_AMBIGUOUS, *words, where=tmp_path):
        read_ct(tmp_path)
    assert read_ct(tmp_path, specs[1].uid).source.series_instance_uid == specs[1].uid
    with refusal(ExitCode.INPUT_NOT_FOUND, specs[0].uid, where=tmp_path):
        read_ct(tmp_path, "1.2.3")


def test_a_localizer_cannot_be_chosen_by_name(tmp_path):
    spec = SeriesSpec(image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    write_series(tmp_path, HU, GRID, spec)
    with refusal(ExitCode.NOT_A_CT, "localizer", where=tmp_path):
        read_ct(tmp_path, spec.uid)
