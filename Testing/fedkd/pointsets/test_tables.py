"""Slicer's former ``.fcsv`` and our ``.csv``."""

from __future__ import annotations

from pathlib import Path

import pytest

from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points

VERSION = "# Markups fiducial file version = 4.11\n"
COLUMNS = "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\n"
ROW = "1,1.5,2.5,3.5,0,0,0,1,1,1,0,{label},,{end}\n"


def written(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def refusal(path: Path) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        read_points(path)
    assert caught.value.code == ExitCode.POINTS_INVALID
    return caught.value


def fcsv(*rows: str, system: str = "# CoordinateSystem = LPS\n", version: str = VERSION) -> str:
    return version + system + COLUMNS + "".join(rows)


class TestFcsv:
    @pytest.mark.parametrize(
        ("system", "position"),
        [("LPS", (1.5, 2.5, 3.5)), ("1", (1.5, 2.5, 3.5)), ("RAS", (-1.5, -2.5, 3.5)), ("0", (-1.5, -2.5, 3.5))],
    )
    def test_both_coordinate_systems_in_both_notations(self, tmp_path, system, position):
        text = fcsv(ROW.format(label="acc", end=""), system=f"# CoordinateSystem = {system}\n")
        points = read_points(written(tmp_path, text, "a.fcsv"))
        assert points == PointList((LandmarkPoint("NCC", position),))

    def test_files_of_recent_slicers_say_which_points_are_defined(self, tmp_path):
        rows = [ROW.format(label=f"P{status}", end=f",{status},0") for status in range(4)]
        points = read_points(written(tmp_path, fcsv(*rows), "a.fcsv"))
        assert list(points.defined_positions_lps_mm()) == ["P2"]

    def test_quotes_blank_lines_crlf_and_unlabeled_points(self, tmp_path):
        text = fcsv(ROW.format(label='"A, ""b"""', end=""), "\n", ROW.format(label="", end="")).replace("\n", "\r\n")
        assert read_points(written(tmp_path, text, "a.fcsv")).labels == ('A, "b"', "2")

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("", "line 1"),
            (fcsv(ROW.format(label="RCC", end=""), version=""), "line 1"),
            (fcsv(ROW.format(label="RCC", end=""), system=""), ""),
            (fcsv(ROW.format(label="RCC", end=""), system="# CoordinateSystem = 2\n"), ""),
            (fcsv(), ""),
            (fcsv(ROW.format(label="RCC", end="")).replace("id,x,y,z", "id,z,y,x"), ""),
            (fcsv(ROW.format(label="RCC", end=""), ROW.format(label="LCC", end="").replace("2.5", "2;5")), "line 5"),
            (fcsv(ROW.format(label="RCC", end="").replace("2.5", "nan")), "line 4"),
            (fcsv(ROW.format(label="RCC", end="").replace("2.5", "99999")), "line 4"),
            (fcsv("RCC,1,2,3,1,1\n"), "line 4"),
            (fcsv(ROW.format(label="RCC", end=",9,0")), "line 4"),
            (fcsv(ROW.format(label='"RCC', end="")), "line 4"),
            (fcsv(ROW.format(label="R\0", end="")), "line 4"),
            (fcsv(ROW.format(label="RCC", end=""), ROW.format(label="RCC", end="")), ""),
        ],
    )
    def test_doubtful_files_are_refused(self, tmp_path, text, place):
        path = written(tmp_path, text, "a.fcsv")
        assert refusal(path).where == (f"{path}, {place}" if place else str(path))

    def test_undefined_points_are_left_out(self, tmp_path):
        points = PointList((LandmarkPoint("RCC", None), LandmarkPoint("LCC", (1.0, 2.0, 3.0), 0.5, "a\nb, c")))
        write_points(tmp_path / "a.fcsv", points)
        again = read_points(tmp_path / "a.fcsv")
        assert again == PointList((LandmarkPoint("LCC", (1.0, 2.0, 3.0), 0.5, "a b, c"),))
        with pytest.raises(FedkdError, match="No point has a position"):
            write_points(tmp_path / "b.fcsv", PointList((LandmarkPoint("RCC", None),)))


class TestCsv:
    HEADER = "label,x_lps_mm,y_lps_mm,z_lps_mm,confidence\n"
    WHOLE_HEADER = "label,x_lps_mm,y_lps_mm,z_lps_mm,confidence,spread_mm,confidence_level\n"

    def test_the_table_as_text(self, tmp_path):
        known = LandmarkPoint("RCC", (1.5, -2.0, 1 / 3), 0.25, spread_mm=0.75)
        points = PointList((known, LandmarkPoint("A, b", None)))
        write_points(tmp_path / "a.csv", points)
        text = (tmp_path / "a.csv").read_text()
        assert text == self.WHOLE_HEADER + 'RCC,1.5,-2.0,0.3333333333333333,0.25,0.75,not calibrated\n"A, b",,,,,,\n'
        assert read_points(tmp_path / "a.csv") == points

    def test_tables_of_older_versions_end_with_the_confidence(self, tmp_path):
        points = read_points(written(tmp_path, self.HEADER + "RCC,1,2,3,0.5\n", "a.csv"))
        assert points == PointList((LandmarkPoint("RCC", (1.0, 2.0, 3.0), 0.5),))

    def test_only_a_level_in_words_makes_a_number_a_probability(self, tmp_path):
        rows = "RCC,1,2,3,0.6,,fair\nLCC,1,2,3,0.6,,not calibrated\nNCC,1,2,3,0.6,,certain\n"
        points = read_points(written(tmp_path, self.WHOLE_HEADER + rows, "a.csv"))
        assert [point.confidence_level for point in points] == ["fair", None, None]

    def test_byte_order_mark_crlf_and_no_confidence(self, tmp_path):
        text = "\ufefflabel,x_lps_mm,y_lps_mm,z_lps_mm\r\nRCC, 1 ,2,3\r\n\r\n"
        points = read_points(written(tmp_path, text, "a.csv"))
        assert points == PointList((LandmarkPoint("RCC", (1.0, 2.0, 3.0)),))

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("", "line 1"),
            ("RCC,1,2,3,\n", "line 1"),
            ("label,r,a,s\nRCC,1,2,3\n", "line 1"),
            (HEADER, ""),
            (HEADER + "RCC,1,2\n", "line 2"),
            (HEADER + "RCC,1,2,3,,\n", "line 2"),
            (HEADER + "RCC,1,2,3,\nLCC,1,,3,\n", "line 3"),
            (HEADER + "RCC,1,2,3,\n\nLCC,1,x,3,\n", "line 4"),
            (HEADER + "RCC,1,2,3,high\n", "line 2"),
            (HEADER + "RCC,1,2,3,1.5\n", "line 2"),
            (WHOLE_HEADER + "RCC,1,2,3,0.5,-1\n", "line 2"),
            (WHOLE_HEADER + "RCC,1,2,3,0.5\n", "line 2"),
            (HEADER + ",1,2,3,\n", "line 2"),
            (HEADER + '"RCC,1,2,3,\n', "line 2"),
            (HEADER + "RCC,1,2,3,\nRCC,1,2,3,\n", ""),
        ],
    )
    def test_doubtful_tables_are_refused(self, tmp_path, text, place):
        path = written(tmp_path, text, "a.csv")
        assert refusal(path).where == (f"{path}, {place}" if place else str(path))

    def test_other_encodings_are_refused_with_their_line(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(self.HEADER.encode() + b"RCC,1,2,3,\nM\xfcller,1,2,3,\n")
        assert refusal(path).where == f"{path}, line 3"


def test_an_unknown_extension_is_refused(tmp_path):
    with pytest.raises(FedkdError, match=r"\.mrk\.json"):
        write_points(tmp_path / "points.json", PointList(()))
