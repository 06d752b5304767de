"""What we write is, field by field, what MITK writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse

from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import PointList, read_points, write_points, write_study_point_sets

POSITIONS = {
    "RCC": (10.12345678901234, -87.0495708179474, 1773.702026128),
    "LCC": (-134.87921472311, 0.0, -0.0),
    "NCC": (1e-7, 22.5, 1234.5678901234567),
    "RCO": (1.0, 2.0, 3.0),
    "LCO": (-9999.0, 9999.0, 1 / 3),
    "MS1": (4.0, 5.0, 6.0),
    "MS2": (4.5, 5.5, 6.5),
}
FULL = PointList.from_positions(POSITIONS)

# Typed from the description of the format, not produced by the code under test.
GOLDEN = """<?xml version="1.0" encoding="UTF-8"?>
<point_set_file>
    <file_version>0.1</file_version>
    <point_set>
        <time_series>
            <time_series_id>0</time_series_id>
            <Geometry3D ImageGeometry="false" FrameOfReferenceID="0">
                <IndexToWorld type="Matrix3x3" m_0_0="1" m_0_1="0" m_0_2="0" m_1_0="0" m_1_1="1" m_1_2="0" \
m_2_0="0" m_2_1="0" m_2_2="1" />
                <Offset type="Vector3D" x="0" y="0" z="0" />
                <Bounds>
                    <Min type="Vector3D" x="-9999" y="-87.0495708179474" z="0" />
                    <Max type="Vector3D" x="10.12345678901234" y="9999" z="1773.702026128" />
                </Bounds>
            </Geometry3D>
            <point>
                <id>0</id>
                <specification>0</specification>
                <x>10.123456789</x>
                <y>-87.0495708179</y>
                <z>1773.70202613</z>
            </point>
            <point>
                <id>1</id>
                <specification>0</specification>
                <x>-134.879214723</x>
                <y>0</y>
                <z>0</z>
            </point>
            <point>
                <id>2</id>
                <specification>0</specification>
                <x>1e-07</x>
                <y>22.5</y>
                <z>1234.56789012</z>
            </point>
            <point>
                <id>3</id>
                <specification>0</specification>
                <x>1</x>
                <y>2</y>
                <z>3</z>
            </point>
            <point>
                <id>4</id>
                <specification>0</specification>
                <x>-9999</x>
                <y>9999</y>
                <z>0.333333333333</z>
            </point>
        </time_series>
    </point_set>
</point_set_file>
"""


def test_the_file_is_the_golden_file(tmp_path):
    write_points(tmp_path / "hps.mps", FULL)
    assert (tmp_path / "hps.mps").read_bytes() == GOLDEN.encode()


def test_the_layout_is_that_of_a_file_of_mitks_family(tmp_path, shared_data):
    write_points(tmp_path / "any.mps", FULL.subset(["RCC", "LCC", "NCC"]))
    ours = parse(tmp_path / "any.mps").getroot()
    theirs = parse(shared_data / "pointsets" / "sksurgerycore_pointset.mps").getroot()
    assert _layout(ours) == _layout(theirs)


def _layout(element: Element) -> tuple:
    fixed = {name: value for name, value in element.attrib.items() if name not in ("x", "y", "z")}
    return element.tag, fixed, list(element.attrib), [_layout(child) for child in element]


def test_only_complete_sets_are_written_under_the_studys_names(tmp_path):
    partial = PointList.from_positions(POSITIONS | {"NCC": None})
    assert write_study_point_sets(tmp_path, partial) == (tmp_path / "ms.mps",)
    assert [path.name for path in tmp_path.iterdir()] == ["ms.mps"]
    with pytest.raises(FedkdError, match="NCC") as caught:
        write_points(tmp_path / "hps.mps", partial)
    assert caught.value.code == ExitCode.POINTS_INVALID
    assert not (tmp_path / "hps.mps").exists()


def test_complete_sets_are_written_in_the_studys_order_whatever_ours_is(tmp_path):
    shuffled = FULL.subset(["MS2", "LCO", "NCC", "RCC", "MS1", "RCO", "LCC"])
    written = write_study_point_sets(tmp_path, shuffled)
    assert [path.name for path in written] == ["hps.mps", "ms.mps"]
    assert (tmp_path / "hps.mps").read_bytes() == GOLDEN.encode()
    assert read_points(tmp_path / "ms.mps") == FULL.subset(["MS1", "MS2"])


def test_an_older_set_does_not_pass_for_a_new_one(tmp_path):
    write_study_point_sets(tmp_path, FULL)
    with pytest.raises(FedkdError, match="older"):
        write_study_point_sets(tmp_path, PointList.from_positions(POSITIONS | {"MS2": None}))


@pytest.mark.parametrize("points", [PointList(()), PointList.from_positions(POSITIONS | {"MS1": None})])
def test_empty_and_undefined_points_are_refused(tmp_path, points):
    with pytest.raises(FedkdError) as caught:
        write_points(tmp_path / "any.mps", points)
    assert caught.value.code == ExitCode.POINTS_INVALID
    assert list(tmp_path.iterdir()) == []


def test_the_decimal_point_does_not_depend_on_the_locale(tmp_path):
    script = (
        "import locale, sys; from pathlib import Path; from fedkd.pointsets import PointList, write_points\n"
        "for name in ('de_DE.UTF-8', 'fr_FR.UTF-8', ''):\n"
        "    try: locale.setlocale(locale.LC_ALL, name)\n"
        "    except locale.Error: continue\n"
        "write_points(Path(sys.argv[1]), PointList.from_positions({'RCC': (0.5, 1.5, 2.5)}))"
    )
    logic = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Logic"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.mps")], check=True, cwd=logic)
    assert "<x>0.5</x>" in (tmp_path / "a.mps").read_text()


@pytest.mark.parametrize("name", ["a.mps", "a.mrk.json", "a.fcsv", "a.csv"])
def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path, name):
    with pytest.raises(FedkdError) as caught:
        write_points(tmp_path / "none" / name, FULL)
    assert caught.value.code == ExitCode.OUTPUT_NOT_WRITABLE


@pytest.mark.parametrize("name", ["a.mps", "a.mrk.json", "a.fcsv", "a.csv"])
def test_a_full_disk_leaves_the_older_file_and_nothing_half_written(tmp_path, name, monkeypatch):
    write_points(tmp_path / name, FULL)
    before = (tmp_path / name).read_bytes()

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(FedkdError) as caught:
        write_points(tmp_path / name, FULL.subset(["MS1"]))
    assert caught.value.code == ExitCode.DISK_FULL
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == before
