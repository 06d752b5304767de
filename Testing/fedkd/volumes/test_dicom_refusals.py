"""DICOM series that are damaged, incomplete or no regular stack of CT slices."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.uid import RLELossless

from builders.ct_images import GRID, array_on, rotation
from builders.dicom_series import SeriesSpec, edit, write_series
from builders.expect import refusal
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.volumes import read_ct

HU = np.rint(array_on(GRID)).astype(np.int16)


@pytest.fixture
def series(tmp_path):
    """The files of a good series, in the order of their positions."""
    return write_series(tmp_path, HU, GRID, SeriesSpec())


def position(file) -> list[float]:
    return [float(value) for value in pydicom.dcmread(file, stop_before_pixels=True).ImagePositionPatient]


def test_a_missing_slice_is_refused(tmp_path, series):
    series[20].unlink()
    with refusal(ExitCode.GEOMETRY_INVALID, "missing", "2.00 mm", series[19].name, series[21].name, where=tmp_path):
        read_ct(tmp_path)


def test_a_slice_twice_is_refused(tmp_path, series):
    (tmp_path / "copy.dcm").write_bytes(series[20].read_bytes())
    with refusal(ExitCode.GEOMETRY_INVALID, "same place"):
        read_ct(tmp_path)


def test_uneven_distances_are_refused(tmp_path, series):
    x, y, z = position(series[20])
    edit(series[20], ImagePositionPatient=[x, y, z + 0.4])
    with refusal(ExitCode.GEOMETRY_INVALID, "varies", where=tmp_path):
        read_ct(tmp_path)


def test_rounded_positions_are_accepted(tmp_path, series):
    for file in series:
        x, y, z = position(file)
        edit(file, ImagePositionPatient=[x, y, round(z + 0.033, 1)])
    assert read_ct(tmp_path).grid.size_xyz == GRID.size_xyz


def test_a_tilted_gantry_is_refused(tmp_path, series):
    tilted = Grid(GRID.size_xyz, GRID.spacing_mm, GRID.origin_lps_mm, tuple(rotation(0, 12).ravel().tolist()))
    upright = [position(file) for file in series]
    write_series(tmp_path, HU, tilted, SeriesSpec())
    for file, place in zip(series, upright, strict=True):
        edit(file, ImagePositionPatient=place)
    with refusal(ExitCode.GEOMETRY_INVALID, "tilted", where=tmp_path):
        read_ct(tmp_path)


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"ImageOrientationPatient": [0, 1, 0, 1, 0, 0]}, ExitCode.GEOMETRY_INVALID, "orientation"),
        ({"PixelSpacing": [1.0, 1.0]}, ExitCode.GEOMETRY_INVALID, "pixel spacing"),
        ({"FrameOfReferenceUID": "1.2.3"}, ExitCode.GEOMETRY_INVALID, "frame of reference"),
        ({"Rows": 20}, ExitCode.GEOMETRY_INVALID, "size"),
        ({"ImagePositionPatient": None}, ExitCode.GEOMETRY_INVALID, "where it lies"),
        ({"ImageOrientationPatient": None}, ExitCode.GEOMETRY_INVALID, "where it lies"),
        ({"PixelSpacing": None}, ExitCode.GEOMETRY_INVALID, "where it lies"),
        ({"RescaleSlope": None}, ExitCode.INTENSITIES_INVALID, "rescale"),
        ({"RescaleIntercept": None}, ExitCode.INTENSITIES_INVALID, "rescale"),
        ({"RescaleSlope": 0}, ExitCode.INTENSITIES_INVALID, "rescale"),
        ({"RescaleType": "Z_EFF"}, ExitCode.INTENSITIES_INVALID, "Z_EFF"),
        ({"SamplesPerPixel": 3}, ExitCode.NOT_A_VOLUME, "colors"),
        ({"Rows": None}, ExitCode.INPUT_UNREADABLE, "no image"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_one_odd_slice_is_named(tmp_path, series, changes, code, word):
    edit(series[20], **changes)
    with refusal(code, word, where=tmp_path):
        read_ct(tmp_path)


@pytest.mark.parametrize("spacing", [[0, 0], [-1.2, 1.2]])
def test_degenerate_spacing_is_refused(tmp_path, series, spacing):
    for file in series:
        edit(file, PixelSpacing=spacing)
    with refusal(ExitCode.GEOMETRY_INVALID, where=tmp_path):
        read_ct(tmp_path)


def test_series_without_hounsfield_units_is_refused(tmp_path):
    write_series(tmp_path, HU + 1024, GRID, SeriesSpec(intercept=0.0))
    with refusal(ExitCode.INTENSITIES_INVALID, "unsigned", where=tmp_path):
        read_ct(tmp_path)


@pytest.mark.parametrize("modality", ["MR", "PT", ""])
def test_other_modalities_are_refused(tmp_path, modality):
    write_series(tmp_path, HU, GRID, SeriesSpec(modality=modality))
    with refusal(ExitCode.NOT_A_CT, "not CT", where=tmp_path):
        read_ct(tmp_path)


def test_sagittal_series_is_not_chosen_but_can_be_named(tmp_path):
    sagittal = Grid(GRID.size_xyz, GRID.spacing_mm, GRID.origin_lps_mm, (0, 0, 1, 1, 0, 0, 0, 1, 0))
    spec = SeriesSpec()
    write_series(tmp_path, HU, sagittal, spec)
    with refusal(ExitCode.NOT_A_CT, "not axial", where=tmp_path):
        read_ct(tmp_path)
    np.testing.assert_allclose(read_ct(tmp_path, spec.uid).grid.direction, sagittal.direction, atol=1e-7)


@pytest.mark.parametrize("compress", [False, True], ids=["raw", "rle"])
@pytest.mark.parametrize("keep", [0.95, 0.6])
def test_a_truncated_slice_is_named(tmp_path, series, keep, compress):
    if compress:
        data = pydicom.dcmread(series[20])
        data.compress(RLELossless)
        data.save_as(series[20])
    content = series[20].read_bytes()
    series[20].write_bytes(content[: int(len(content) * keep)])
    with refusal(ExitCode.INPUT_UNREADABLE, where=series[20]):
        read_ct(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 300])
def test_a_destroyed_slice_is_named(tmp_path, series, content):
    series[-1].write_bytes(content)
    with refusal(ExitCode.INPUT_UNREADABLE, where=series[-1]):
        read_ct(tmp_path)


def test_pixels_that_are_too_few_are_noticed(tmp_path, series):
    data = pydicom.dcmread(series[20])
    data.PixelData = data.PixelData[:1000]
    data.save_as(series[20])
    with refusal(ExitCode.INPUT_UNREADABLE, where=series[20]):
        read_ct(tmp_path)


def test_a_single_slice_is_no_volume(tmp_path, series):
    with refusal(ExitCode.NOT_A_CT, "only 1 slice", where=series[0]):
        read_ct(series[0])


def test_only_broken_files(tmp_path):
    (tmp_path / "IM1.dcm").write_bytes(b"\0" * 200)
    with refusal(ExitCode.INPUT_UNREADABLE, where="IM1.dcm"):
        read_ct(tmp_path)


def test_an_empty_folder(tmp_path):
    with refusal(ExitCode.INPUT_NOT_FOUND, "no DICOM", where=tmp_path):
        read_ct(tmp_path)


def test_mutated_headers_give_a_volume_or_a_refusal(tmp_path, series):
    random = np.random.default_rng(7)
    good = series[20].read_bytes()
    for _ in range(15):
        content = bytearray(good)
        for offset in random.integers(128, 1200, 5):
            content[offset] = random.integers(256)
        series[20].write_bytes(content)
        try:
            read_ct(tmp_path)
        except FedkdError as error:
            assert error.where
