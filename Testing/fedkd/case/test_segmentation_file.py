from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS
from fedkd.case.segmentation_file import (
    read_calcified_box,
    read_calcified_parts,
    read_label_map,
    read_mask,
    write_segmentation,
)
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid


def oblique_label_map(size_xyz: tuple[int, int, int], angle: float, seed: int) -> sitk.Image:
    voxels = np.random.default_rng(seed).integers(0, 2, size_xyz[::-1], dtype=np.uint8)
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.37, 0.41, 2.5))
    image.SetOrigin((-120.5, 33.25, -900.0))
    turn = sitk.Euler3DTransform((0, 0, 0), angle, 0.3 * angle, -angle)
    image.SetDirection(turn.GetMatrix())
    return image


def write_truncated(path: Path) -> None:
    write_segmentation(oblique_label_map((9, 9, 9), 0.0, 0), (CALCIFICATION,), path)
    path.write_bytes(path.read_bytes()[:-40])


@settings(max_examples=20, deadline=None)
@given(size=st.tuples(*[st.integers(2, 9)] * 3), angle=st.floats(-3, 3), seed=st.integers(0, 99))
def test_voxels_and_geometry_survive(tmp_path_factory, size, angle, seed) -> None:
    path = tmp_path_factory.mktemp("seg") / "calcification.seg.nrrd"
    image = oblique_label_map(size, angle, seed)
    write_segmentation(image, (CALCIFICATION,), path)
    again = read_label_map(path)
    assert again.GetPixelID() == sitk.sitkUInt8
    assert np.array_equal(sitk.GetArrayFromImage(again), sitk.GetArrayFromImage(image))
    assert again.GetSize() == image.GetSize()
    for method in ("GetSpacing", "GetOrigin", "GetDirection"):
        assert np.allclose(getattr(again, method)(), getattr(image, method)(), atol=1e-9)


def test_header_says_what_slicer_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "calcification.seg.nrrd"
    write_segmentation(oblique_label_map((5, 6, 7), 0.2, 1), (CALCIFICATION,), path)
    header = path.read_bytes().partition(b"\n\n")[0].decode().splitlines()
    keys = dict(line.split(":=", 1) for line in header if ":=" in line)
    assert keys["Segment0_ID"] == "calcification"
    assert keys["Segment0_Extent"] == "0 4 0 5 0 6"
    assert keys["Segment0_Color"] == "0.95 0.95 0.8"
    assert keys["Segmentation_ReferenceImageExtentOffset"] == "0 0 0"
    assert keys["Segmentation_ContainedRepresentationNames"] == "Binary labelmap|"
    assert keys["Segment0_Tags"] == (
        "TerminologyEntry:Segmentation category and type - DICOM master list"
        "~SCT^49755003^Morphologically Abnormal Structure~SCT^18115005^Pathologic calcification~^^"
        "~Anatomic codes - DICOM master list~SCT^34202007^Aortic valve~^^|"
    )
    assert "encoding: gzip" in header


def test_parts_come_back_as_they_were_even_when_renumbered_by_another_program(tmp_path: Path) -> None:
    path = tmp_path / "calcification.seg.nrrd"
    voxels = np.random.default_rng(0).integers(0, 5, (5, 6, 7), dtype=np.uint8)
    write_segmentation(sitk.GetImageFromArray(voxels), tuple(CALCIFIED_PARTS.values()), path)
    assert np.array_equal(sitk.GetArrayFromImage(read_calcified_parts(path)), voxels)

    image = sitk.ReadImage(str(path))
    renumbered = sitk.GetImageFromArray(np.array([0, 40, 3, 7, 1], np.uint8)[voxels])
    for key in image.GetMetaDataKeys():
        renumbered.SetMetaData(key, image.GetMetaData(key))
    for number, label in enumerate((40, 3, 7, 1)):
        renumbered.SetMetaData(f"Segment{number}_LabelValue", str(label))
    sitk.WriteImage(renumbered, str(path))
    assert np.array_equal(sitk.GetArrayFromImage(read_calcified_parts(path)), voxels)
    assert np.array_equal(sitk.GetArrayFromImage(read_mask(path)), voxels != 0)


def test_calcification_that_is_not_told_apart_has_no_parts(tmp_path: Path) -> None:
    path = tmp_path / "calcification.seg.nrrd"
    write_segmentation(oblique_label_map((4, 4, 4), 0.0, 0), (CALCIFICATION,), path)
    assert read_calcified_parts(path) is None


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(*[st.integers(2, 9)] * 3),
    angle=st.floats(-3, 3),
    marked=st.lists(st.tuples(*[st.integers(0, 8)] * 3, st.integers(1, 4)), max_size=5),
    by_part=st.booleans(),
)
def test_the_marked_box_is_the_whole_without_its_empty_margin(tmp_path_factory, size, angle, marked, by_part) -> None:
    path = tmp_path_factory.mktemp("seg") / "calcification.seg.nrrd"
    image = oblique_label_map(size, angle, 0) * 0
    for i, j, k, label in marked:
        image[i % size[0], j % size[1], k % size[2]] = label if by_part else 1
    write_segmentation(image, tuple(CALCIFIED_PARTS.values()) if by_part else (CALCIFICATION,), path)
    found = read_calcified_box(path)
    assert found.by_part == by_part
    box, first = sitk.GetArrayFromImage(found.image), found.first_index_xyz
    again = np.zeros(size[::-1], np.uint8)
    again[tuple(slice(at, at + length) for at, length in zip(first[::-1], box.shape, strict=True))] = box
    assert np.array_equal(again, sitk.GetArrayFromImage(image))
    assert np.allclose(found.image.GetOrigin(), Grid.of(image).index_to_lps(first))
    if marked:
        for axis in range(3):
            assert box.take(0, axis).any()
            assert box.take(-1, axis).any()
    else:
        assert box.size == 1


def test_labels_without_a_segment_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more labels"):
        write_segmentation(sitk.Image([3, 3, 3], sitk.sitkUInt8) + 2, (CALCIFICATION,), tmp_path / "a.seg.nrrd")


def test_patient_data_of_the_ct_do_not_get_in(tmp_path: Path) -> None:
    image = oblique_label_map((4, 4, 4), 0.0, 0)
    image.SetMetaData("0010|0010", "DOE^JOHN")
    write_segmentation(image, (CALCIFICATION,), tmp_path / "a.seg.nrrd")
    assert b"DOE" not in (tmp_path / "a.seg.nrrd").read_bytes()


def test_codes_are_those_of_the_dicom_standard() -> None:
    """pydicom carries the code tables of DICOM PS3.16."""
    from pydicom.sr.codedict import codes

    for code, standard in (
        (CALCIFICATION.category, codes.cid7150.MorphologicallyAbnormalStructure),
        (CALCIFICATION.type, codes.SCT.PathologicCalcification),
        (CALCIFICATION.region, codes.SCT.AorticValve),
        (CALCIFIED_PARTS["lvot"].region, codes.SCT.LeftVentricleOutflowTract),
        (CALCIFIED_PARTS["rcc"].region_modifier, codes.cid244.Right),
        (CALCIFIED_PARTS["lcc"].region_modifier, codes.cid244.Left),
        (CALCIFIED_PARTS["ncc"].region_modifier, codes.SCT.Posterior),
    ):
        assert (code.scheme, code.value) == (standard.scheme_designator, standard.value)
        assert code.meaning.lower() == standard.meaning.lower()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, ExitCode.INPUT_NOT_FOUND),
        (write_truncated, ExitCode.INPUT_UNREADABLE),
        (lambda path: sitk.WriteImage(sitk.Image(4, 4, sitk.sitkUInt8), str(path)), ExitCode.NOT_A_VOLUME),
        (
            lambda path: sitk.WriteImage(sitk.Image([4, 4, 4], sitk.sitkVectorUInt8, 2), str(path)),
            ExitCode.NOT_A_VOLUME,
        ),
    ],
    ids=["missing", "truncated", "2D", "two layers"],
)
def test_other_files_are_refused(tmp_path: Path, make, code: ExitCode) -> None:
    path = tmp_path / "x.seg.nrrd"
    make(path)
    for read in (read_label_map, read_calcified_box):
        with pytest.raises(FedkdError) as caught:
            read(path)
        assert caught.value.code is code
