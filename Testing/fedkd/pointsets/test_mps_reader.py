"""MITK point sets as others write them are read; whatever is doubtful is refused with file and line."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import numpy as np
import pytest

from fedkd.errors import ExitCode, FedkdError
from fedkd.pointsets import read_points

HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'
STUDY_POINTS = [(1.5, -2.25, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0), (10.0, 11.0, 12.0), (13.0, 14.0, 15.0)]


def point(point_id: object, x: object = 1, y: object = 2, z: object = 3) -> str:
    return f"<point><id>{point_id}</id><specification>0</specification><x>{x}</x><y>{y}</y><z>{z}</z></point>\n"


def time_series(content: str) -> str:
    return f"<point_set><time_series>\n<time_series_id>0</time_series_id>\n{content}</time_series></point_set>\n"


def mps(content: str, head: str = HEAD) -> str:
    return f"{head}<point_set_file>\n<file_version>0.1</file_version>\n{content}</point_set_file>\n"


def written(folder: Path, content: str | bytes, name: str = "points.mps") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, order: list[str] | None = None) -> FedkdError:
    with pytest.raises(FedkdError) as caught:
        read_points(path, order)
    assert caught.value.code == ExitCode.POINTS_INVALID
    assert str(path) in caught.value.where
    return caught.value


def test_points_get_numbers_when_nothing_names_them(tmp_path):
    path = written(tmp_path, mps(time_series(point(0) + point(1, 4, 5, 6))))
    assert read_points(path).defined_positions_lps_mm() == {"1": (1.0, 2.0, 3.0), "2": (4.0, 5.0, 6.0)}


def test_the_studys_file_names_name_the_points(tmp_path):
    five = mps(time_series("".join(point(number, *xyz) for number, xyz in enumerate(STUDY_POINTS))))
    points = read_points(written(tmp_path, five, "hps.mps"))
    assert points.labels == ("RCC", "LCC", "NCC", "RCO", "LCO")
    assert points["RCO"].position_lps_mm == (10.0, 11.0, 12.0)
    two = mps(time_series(point(0) + point(1)))
    assert read_points(written(tmp_path, two, "ms.mps")).labels == ("MS1", "MS2")


def test_a_study_file_of_another_length_is_only_numbered_and_says_so(tmp_path):
    points = read_points(written(tmp_path, mps(time_series(point(0) + point(1))), "hps.mps"))
    assert points.labels == ("1", "2")
    assert "should hold 5 points but holds 2" in points.notes[0]


def test_a_given_order_names_the_points_and_knows_aliases(tmp_path):
    path = written(tmp_path, mps(time_series(point(0) + point(1) + point(2))))
    assert read_points(path, ["acc", "RCA", "Apex"]).labels == ("NCC", "RCO", "Apex")


@pytest.mark.parametrize("order", [["RCC"], ["RCC", "LCC"], ["NCC", "ACC", "RCC"], ["RCC", "", "LCC"]])
def test_an_order_that_does_not_fit_is_refused(tmp_path, order):
    path = written(tmp_path, mps(time_series(point(0) + point(1) + point(2))))
    assert "order" in refusal(path, order).what


def test_stored_values_are_index_coordinates(tmp_path):
    geometry = (
        '<Geometry3D ImageGeometry="false" FrameOfReferenceID="0"><IndexToWorld type="Matrix3x3" m_0_0="0" m_0_1="-2" '
        'm_0_2="0" m_1_0="1" m_1_1="0" m_1_2="0.5" m_2_0="0" m_2_1="0" m_2_2="3"/>'
        '<Offset type="Vector3D" x="100" y="-20" z="0.25"/></Geometry3D>\n'
    )
    path = written(tmp_path, mps(time_series(geometry + point(0, 1, 2, 3))))
    matrix = np.array([[0, -2, 0], [1, 0, 0.5], [0, 0, 3]])
    expected = matrix @ [1, 2, 3] + [100, -20, 0.25]
    assert read_points(path)["1"].position_lps_mm == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (mps(time_series(point(0))).replace("\n", "\r\n").encode(), "CRLF"),
        (codecs.BOM_UTF8 + mps(time_series(point(0))).encode(), "byte order mark"),
        (b" \n\t\r\n" + mps(time_series(point(0))).encode(), "white space before the declaration"),
        (mps(time_series(point(0)), '<?xml version="1.0" encoding="ISO-8859-1"?><!-- \xe9 -->').encode("latin-1"), ""),
        (mps(time_series(point(0)), '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"), "UTF-16"),
        (mps(time_series(point(0)), "").encode(), "no declaration"),
        (mps(time_series(point(0))).replace("<specification>0</specification>", "").encode(), "no specification"),
        (mps(time_series(point(0))).replace("<file_version>0.1</file_version>", "").encode(), "no version"),
        (mps(f"<point_set>{point(0)}</point_set>").encode(), "no time series, as long ago"),
        (mps(time_series("") + time_series(point(0)) + time_series("")).encode(), "one of several sets has points"),
    ],
)
def test_what_is_met_in_the_wild_is_read(tmp_path, encoded, reason):
    assert read_points(written(tmp_path, encoded)).defined_positions_lps_mm() == {"1": (1.0, 2.0, 3.0)}, reason


@pytest.mark.parametrize(
    "value", ["12,3", "abc", "", "nan", "NaN", "inf", "-Infinity", "1e400", "0x10", "1_0", "1 2", "\u0661", "20000"]
)
def test_what_is_no_coordinate_is_refused_with_its_line(tmp_path, value):
    path = written(tmp_path, mps(time_series(point(0) + point(1, y=value))))
    assert refusal(path).where == f"{path}, line 7"


@pytest.mark.parametrize("tag", ["id", "x", "y", "z"])
def test_a_point_that_lacks_a_value_or_has_it_twice_is_refused(tmp_path, tag):
    start = point(0).index(f"<{tag}>")
    element = point(0)[start : point(0).index(f"</{tag}>") + len(f"</{tag}>")]
    path = written(tmp_path, mps(time_series(point(0).replace(element, ""))))
    assert refusal(path).where == f"{path}, line 6"
    path = written(tmp_path, mps(time_series(point(0).replace(element, 2 * element))))
    assert refusal(path).where == f"{path}, line 6"


@pytest.mark.parametrize("point_id", ["", "-1", "1.5", "a", "9999999999", "²"])
def test_an_id_is_a_whole_number(tmp_path, point_id):
    assert "line 6" in refusal(written(tmp_path, mps(time_series(point(point_id))))).where


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (time_series(point(0) + "<note>hello</note>\n"), 7),
        (time_series(point(0)[:-9] + "<w>1</w></point>\n"), 6),
        (time_series("loose text" + point(0)), 4),
        (point(0), 4),
    ],
)
def test_foreign_content_is_refused_with_its_line(tmp_path, content, line):
    path = written(tmp_path, mps(content))
    # expat reports an element's start; text belongs to the element around it.
    assert refusal(path).where == f"{path}, line {line}"


def test_line_numbers_count_white_space_before_the_declaration(tmp_path):
    path = written(tmp_path, "\n\n\n" + mps(time_series(point(0, x="?"))))
    assert refusal(path).where == f"{path}, line 9"


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        HEAD,
        HEAD + "<points/>",
        mps(""),
        mps(time_series("")),
        mps(time_series(point(0)) + time_series(point(0))),
        mps(time_series(point(0))).replace("0.1", "0.2"),
        mps(time_series(point(0)))[:-20],
        mps(time_series(point(0)), '<?xml version="1.0" encoding="klingon"?>'),
        mps(time_series(point(0)), '<?xml version="1.0" encoding="UTF-32"?>'),
        "<a>" * 5000,
        "x" * 4_000_001,
        mps(time_series('<Geometry3D><IndexToWorld m_0_0="1"/></Geometry3D>' + point(0))),
        mps(time_series('<Geometry3D><Offset x="1" y="nan" z="0"/></Geometry3D>' + point(0))),
        mps(time_series("<Geometry3D/><Geometry3D/>" + point(0))),
        mps(
            time_series(
                "<Geometry3D><IndexToWorld " + " ".join(f'm_{i}_{j}="0"' for i in "012" for j in "012") + "/>"
                "</Geometry3D>" + point(0)
            )
        ),
    ],
)
def test_what_is_no_point_set_is_refused(tmp_path, content):
    refusal(written(tmp_path, content))


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/a.dtd"> %p;]>',
        "<!DOCTYPE a>",
    ],
)
def test_entities_and_document_types_are_refused(tmp_path, declaration):
    path = written(tmp_path, mps(time_series(point(0, x="&x;")), HEAD + declaration))
    assert "entities" in refusal(path).what


@pytest.mark.parametrize(
    "content",
    [
        mps(time_series(point(0, x="9" * 3_900_000 + "x"))),
        mps(time_series(point(0, x="1<!---->" * 480_000))),
        mps(time_series(point(0))).replace("<point>", "<point " + " ".join(f'a{i}=""' for i in range(300_000)) + ">"),
        mps(time_series("<point/>" * 450_000)),
        mps(time_series("<!---->" * 500_000 + "<x/>")),
    ],
    ids=["digits", "pieces", "attributes", "points", "comments"],
)
def test_files_made_to_take_long_do_not(tmp_path, content):
    start = time.process_time()
    try:
        read_points(written(tmp_path, content))
    except FedkdError as error:
        assert error.code == ExitCode.POINTS_INVALID
    assert time.process_time() - start < 10


class TestOrderInDoubt:
    def test_ascending_id_orders_points_without_names(self, tmp_path):
        path = written(tmp_path, mps(time_series(point(5, 5, 0, 0) + point(2, 2, 0, 0))))
        points = read_points(path)
        assert [p.position_lps_mm[0] for p in points] == [2.0, 5.0]
        assert "order of their ids" in points.notes[0]

    def test_the_last_of_equal_ids_counts(self, tmp_path):
        path = written(tmp_path, mps(time_series(point(0, 1) + point(0, 9) + point(1, 5))))
        points = read_points(path)
        assert [p.position_lps_mm[0] for p in points] == [9.0, 5.0]
        assert "MITK keeps the last" in points.notes[0]

    def test_gaps_between_ids_are_no_doubt(self, tmp_path):
        path = written(tmp_path, mps(time_series(point(1) + point(7))))
        assert read_points(path, ["MS1", "MS2"]).notes == ()

    @pytest.mark.parametrize("content", [point(1) + point(0), point(0) + point(0) + point(1)])
    def test_names_are_not_given_by_an_order_in_doubt(self, tmp_path, content):
        assert "in doubt" in refusal(written(tmp_path, mps(time_series(content)), "ms.mps")).what
        assert "in doubt" in refusal(written(tmp_path, mps(time_series(content))), ["MS1", "MS2"]).what


class TestFilesOfOthers:
    def test_sksurgery(self, shared_data):
        points = read_points(shared_data / "pointsets" / "sksurgerycore_pointset.mps")
        assert points.defined_positions_lps_mm() == {
            "1": (10.2352026367, -87.0495708179, 1773.70202613),
            "2": (-134.879214723, -19.0247973633, 1574.53710377),
            "3": (111.453238528, -22.3497973633, 1570.03102231),
        }

    def test_niftk(self, shared_data):
        points = read_points(shared_data / "pointsets" / "niftk_tracked_block_chessboard.mps")
        assert points.defined_positions_lps_mm() == {
            "1": (0.0, -19.0, 10.0),
            "2": (130.0, -19.0, 10.0),
            "3": (0.0, -19.0, 80.0),
            "4": (45.5, -19.0, 55.5),
        }


def test_a_missing_file_and_a_folder_have_errors_of_their_own(tmp_path):
    with pytest.raises(FedkdError) as caught:
        read_points(tmp_path / "none.mps")
    assert caught.value.code == ExitCode.INPUT_NOT_FOUND
    (tmp_path / "folder.mps").mkdir()
    with pytest.raises(FedkdError) as caught:
        read_points(tmp_path / "folder.mps")
    assert caught.value.code == ExitCode.INPUT_UNREADABLE
