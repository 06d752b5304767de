"""Slicer's markups files: what Slicer and others write is read; what contradicts itself is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points

URL = "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"


def document(*markups: dict[str, Any], version: str = "1.0.3") -> dict[str, Any]:
    return {"@schema": f"{URL}markups-schema-v{version}.json#", "markups": list(markups)}


def fiducials(*control_points: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Fiducial", "coordinateSystem": "LPS", "controlPoints": list(control_points)} | properties


def control_point(label: str, **properties: object) -> dict[str, Any]:
    return {"label": label, "position": [1.0, 2.0, 3.0]} | properties


def written(folder: Path, content: object) -> Path:
    path = folder / "points.mrk.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(folder: Path, *markups: dict[str, Any]) -> PointList:
    return read_points(written(folder, document(*markups)))


def refusal(path: Path) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        read_points(path)
    assert caught.value.code == ExitCode.POINTS_INVALID
    return caught.value


def test_what_we_write_is_what_slicers_schema_describes(tmp_path):
    points = PointList(
        (
            LandmarkPoint("RCC", (1.5, -2.0, -0.0), 0.875, "by hand"),
            LandmarkPoint("LCC", None, 0.0),
            LandmarkPoint('Ä, "x"', (1e-9, 1 / 3, 9999.0)),
        )
    )
    path = tmp_path / "points.mrk.json"
    write_points(path, points)
    content = json.loads(path.read_text(encoding="utf-8"))

    assert content["@schema"] == f"{URL}markups-schema-v1.0.3.json#"
    (markup,) = content["markups"]
    assert markup["type"] == "Fiducial"
    assert markup["coordinateSystem"] == "LPS"
    assert markup["coordinateUnits"] == "mm"
    assert markup["locked"] is False
    assert markup["fixedNumberOfControlPoints"] is True
    first, second, third = markup["controlPoints"]
    assert first == {
        "id": "1",
        "label": "RCC",
        "description": "confidence 0.875 (not calibrated); by hand",
        "associatedNodeID": "",
        "position": [1.5, -2.0, 0.0],
        "orientation": [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0],
        "selected": True,
        "locked": False,
        "visibility": True,
        "positionStatus": "defined",
    }
    assert second["positionStatus"] == "undefined"
    assert "position" not in second
    assert second["description"] == "confidence 0.000 (not calibrated); not found"
    assert third["position"] == [1e-9, 1 / 3, 9999.0]
    assert markup["display"]["selectedColor"] == pytest.approx([1.0, 0.65, 0.0])
    assert read_points(path) == points


@pytest.mark.parametrize(
    ("system", "position"),
    [("LPS", (1.0, 2.0, 3.0)), ("RAS", (-1.0, -2.0, 3.0)), ("1", (1.0, 2.0, 3.0)), ("0", (-1.0, -2.0, 3.0))],
)
def test_coordinate_systems_of_all_writers_become_lps(tmp_path, system, position):
    points = read(tmp_path, fiducials(control_point("RCC"), coordinateSystem=system))
    assert points["RCC"].position_lps_mm == position


def test_a_missing_coordinate_system_means_lps_as_in_slicers_schema(tmp_path):
    points = read(tmp_path, {"type": "Fiducial", "controlPoints": [control_point("RCC")]})
    assert points["RCC"].position_lps_mm == (1.0, 2.0, 3.0)


@pytest.mark.parametrize("status", ["undefined", "preview", "missing"])
@pytest.mark.parametrize("position", ["", None, [0.0, 0.0, 0.0]])
def test_a_point_that_is_not_defined_has_no_position(tmp_path, status, position):
    points = read(tmp_path, fiducials(control_point("RCC", positionStatus=status, position=position)))
    assert points == PointList((LandmarkPoint("RCC", None),))


@pytest.mark.parametrize("units", ["mm", ["mm", "UCUM", "millimeter"]])
def test_millimeters_are_read_in_both_notations(tmp_path, units):
    assert len(read(tmp_path, fiducials(control_point("RCC"), coordinateUnits=units))) == 1


def test_aliases_become_landmark_names_and_other_labels_stay(tmp_path):
    points = read(tmp_path, fiducials(*map(control_point, ["ACC", "rca", "Lca", "F-1", ""])))
    assert points.labels == ("NCC", "RCO", "LCO", "F-1", "5")


def test_the_only_list_with_points_is_taken(tmp_path):
    line = fiducials(control_point("a"), control_point("b")) | {"type": "Line"}
    assert read(tmp_path, line, fiducials(), fiducials(control_point("RCC"))).labels == ("RCC",)
    assert read(tmp_path, line).labels == ("a", "b")


def test_an_order_sorts_labeled_points_and_names_unlabeled_ones(tmp_path):
    path = written(tmp_path, document(fiducials(*map(control_point, ["MS1", "MS2"]))))
    assert read_points(path, ["MS2", "MS1"]).labels == ("MS2", "MS1")
    with pytest.raises(FedkdError, match="differs from the labels"):
        read_points(path, ["RCC", "LCC"])
    path = written(tmp_path, document(fiducials(*map(control_point, ["F-1", "F-2"]))))
    assert read_points(path, ["MS1", "MS2"]).labels == ("MS1", "MS2")


@pytest.mark.parametrize(
    "markups",
    [
        [],
        [fiducials()],
        [fiducials(control_point("RCC")), fiducials(control_point("LCC"))],
        [fiducials(control_point("RCC"), control_point("RCC"))],
        [fiducials(control_point("NCC"), control_point("ACC"))],
        [fiducials(control_point("2"), control_point(""))],
        [fiducials(control_point("RCC", position=""))],
        [fiducials({"label": "RCC"})],
        [fiducials(control_point("RCC", position=[1.0, 2.0]))],
        [fiducials(control_point("RCC", position=[1.0, 2.0, "3"]))],
        [fiducials(control_point("RCC", position=[1.0, 2.0, True]))],
        [fiducials(control_point("RCC", position=[1.0, 2.0, 10**400]))],
        [fiducials(control_point("RCC", position=[1.0, 2.0, 20000]))],
        [fiducials(control_point("RCC", position={"x": 1}))],
        [fiducials(control_point("RCC", positionStatus="perhaps"))],
        [fiducials(control_point("R\u0000CC"))],
        [fiducials(control_point("\ud800"))],
        [fiducials(control_point("RCC", description="\udfff"))],
        [fiducials({"label": 7, "position": [1.0, 2.0, 3.0]})],
        [fiducials(control_point("RCC"), coordinateUnits="um")],
        [fiducials(control_point("RCC"), coordinateUnits=[])],
        [fiducials(control_point("RCC"), coordinateUnits=3)],
        [fiducials(control_point("RCC"), coordinateSystem="IJK")],
        [fiducials(control_point("RCC"), coordinateSystem=True)],
        [{"controlPoints": [control_point("RCC")]}],
        ["Fiducial"],
        [{"type": "Fiducial", "controlPoints": {"0": control_point("RCC")}}],
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, markups):
    refusal(written(tmp_path, document(*markups)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"markups": []}',
        json.dumps(document(fiducials(control_point("RCC")), version="2.0.0")),
        json.dumps(document(fiducials(control_point("RCC")))).replace("3.0]", "NaN]"),
        json.dumps(document(fiducials(control_point("RCC")))).replace("3.0]", "Infinity]"),
        json.dumps(document(fiducials(control_point("RCC")))).replace("3.0]", "1e999]"),
        json.dumps(document(fiducials(control_point("RCC")))).replace("3.0]", "9" * 5000 + "]"),
        json.dumps(document(fiducials(control_point("RCC")))).replace('"label"', '"label": "LCC", "label"'),
        "[" * 100_000,
        '{"a":' * 100_000,
        " " * 4_000_001,
    ],
)
def test_what_is_no_markups_file_is_refused(tmp_path, text):
    refusal(written(tmp_path, text))


def test_a_broken_json_is_refused_with_its_line(tmp_path):
    path = written(tmp_path, json.dumps(document(fiducials(control_point("RCC"))), indent=1)[:-4])
    assert ", line " in refusal(path).where


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "points.mrk.json"
    path.write_bytes(b"\xff\xfe\x00\xd8" * 10)
    refusal(path)


def test_slicers_own_line_of_schema_1_0_0_without_ids(shared_data):
    points = read_points(shared_data / "pointsets" / "slicer_ACPC.mrk.json")
    assert points.defined_positions_lps_mm() == {"ACPC0": (-0.5, 21.5, -9.5), "ACPC1": (2.5, -4.5, -16.5)}
