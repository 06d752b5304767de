"""What the page says, and in which order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from builders.report_case import VALUES, ReportCase, write_measurements, write_prediction, write_views
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.layout import CALCIFICATION_FILE, LANDMARKS_FILE, MEASUREMENTS_FILE, PROVENANCE_FILE, SHAPES_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.catalog import Group
from fedkd.measurement.document import FindingRecord
from fedkd.pointsets import PointList, read_points, write_points
from fedkd.report import write_report

pytestmark = pytest.mark.usefixtures("no_browser")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, no_browser: None) -> str:
    """The page of a usual case."""
    findings = (finding("note", "Thick slices."), finding("warning", "Low ostium."))
    return written(tmp_path_factory.mktemp("usual"), ReportCase(findings=findings, notes=("Repeated passes differ.",)))


def written(folder: Path, case: ReportCase) -> str:
    write_prediction(folder, case)
    write_measurements(folder, case)
    write_report(folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def words(html: str) -> str:
    """Return the page's text without tags and with single blanks."""
    body = re.sub(r"<(style|svg).*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def finding(severity: str, text: str) -> FindingRecord:
    return FindingRecord(
        code="x", severity=severity, text=text, value=6.1, unit="mm", low=7.3, high=None, source="Somebody 2009"
    )


def test_report_shows_value_unit_range_and_place(usual: str) -> None:
    text = words(usual)
    assert "Annulus area 473 mm² 255 \N{EN DASH} 732 mm² [1] within" in text
    assert (
        "Sinotubular junction diameter 41.2 mm 19.5 \N{EN DASH} 37.7 mm [1] \N{BLACK UP-POINTING TRIANGLE} above"
        in text
    )
    assert "Right coronary height 6.1 mm 7.3 \N{EN DASH} 26.0 mm" in text
    assert "\N{MINUS SIGN}1.2 mm" in text
    assert "Septum length band Intermediate" in text
    assert NOT_FOR_CLINICAL_USE in text


def test_report_shows_reasons_instead_of_values(usual: str) -> None:
    text = words(usual)
    assert "Ascending aorta diameter Not measured. The lumen is not closed there." in text
    assert "Left ventricular outflow tract Not measured. The lumen is not closed there." in text


def test_c_arm_views_are_said_as_c_arms_show_them(tmp_path: Path) -> None:
    values = VALUES | {
        "three_cusp_lao_deg": 12.4,
        "three_cusp_cranial_deg": -7.6,
        "cusp_overlap_lao_deg": -0.4,
        "cusp_overlap_cranial_deg": 3.0,
    }
    text = words(written(tmp_path, ReportCase(values=values)))
    assert "Three-cusp view LAO 12°, caudal 8°" in text
    assert "Cusp-overlap view LAO 0°, cranial 3°" in text


def test_every_group_of_the_catalog_has_its_heading(usual: str) -> None:
    headings = re.findall(r"<h3[^>]*>([^<]+)</h3>", usual)
    assert headings == ["What the confidence is worth", *(group.value for group in Group)]


def test_warnings_come_before_notes_with_their_grounds(usual: str) -> None:
    text = words(usual)
    assert (
        text.index("Warning: Low ostium.") < text.index("Note: Thick slices.") < text.index("Repeated passes differ.")
    )
    assert "Found: 6.1 mm · Expected: at least 7.3 mm · Source: Somebody 2009" in text


def test_an_angle_just_outside_its_limits_does_not_look_as_if_it_reached_them(tmp_path: Path) -> None:
    gap = finding("note", "Gap.").model_copy(update={"value": 101.6, "unit": "deg", "low": 102.0, "high": 134.0})
    assert "Found: 101.6° · Expected: 102 \N{EN DASH} 134°" in words(written(tmp_path, ReportCase(findings=(gap,))))


def test_the_page_is_dated_by_its_numbers_not_by_the_first_prediction(tmp_path: Path) -> None:
    assert "2026-01-02 03:04 UTC" in words(written(tmp_path, ReportCase()))
    provenance = json.loads((tmp_path / PROVENANCE_FILE).read_text(encoding="utf-8"))
    provenance["measurement"] = {"measured_utc": "2026-02-03T04:05:06Z"}
    (tmp_path / PROVENANCE_FILE).write_text(json.dumps(provenance), encoding="utf-8")
    write_report(tmp_path)
    text = words((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert text.index("measured 2026-02-03 04:05 UTC") < text.index("2026-01-02 03:04 UTC")


def test_missing_landmarks_are_named(tmp_path: Path) -> None:
    text = words(written(tmp_path, ReportCase(missing=("NCC",))))
    assert "NCC Hinge point, non-coronary cusp Not found" in text
    assert "RCC Hinge point, right coronary cusp Found fair 0.80" in text
    assert "Some landmarks or values below are marked." in text
    assert "Nothing stands out" not in text


def test_spread_is_shown_where_there_is_one(tmp_path: Path) -> None:
    found = "RCC Hinge point, right coronary cusp Found fair 0.80"
    assert f"{found} 0.7 mm" in words(written(tmp_path / "several", ReportCase(spread_mm=0.74)))
    assert f"{found} \N{EN DASH}" in words(written(tmp_path / "one", ReportCase()))


def test_models_that_voted_are_all_named_with_their_hashes(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    document = json.loads((tmp_path / PROVENANCE_FILE).read_text(encoding="utf-8"))
    members = [{"id": "teacher-<1>", "sha256": "1" * 64}, {"id": "student", "sha256": "2" * 64}]
    document["model"] = {"id": "teacher-<1> + student", "sha256": "3" * 64, "members": members}
    (tmp_path / PROVENANCE_FILE).write_text(json.dumps(document), encoding="utf-8")
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"Voting model student, SHA-256 {'2' * 64}" in words(page)
    assert f"Voting model teacher-&lt;1&gt;, SHA-256 {'1' * 64}" in words(page)
    assert NOT_FOR_CLINICAL_USE in page


def test_calcium_that_was_not_measured_has_one_reason(usual: str) -> None:
    assert "Calcium Not measured. The lumen is not closed there. Measurement Value Calcium threshold 850 HU" in words(
        usual
    )


def test_plots_are_there_with_words_for_those_who_cannot_see_them(usual: str) -> None:
    titles = re.findall(r'<svg class="plot"[^>]*role="img"[^>]*><title[^>]*>([^<]+)</title><desc', usual)
    assert titles == [
        "Promised and observed share of points within 5 mm of the truth",
        "Area of the lumen along the centerline",
        "C-arm views with the three hinge points in line",
        "Calcium in the annulus plane",
    ]
    assert "Calcium lies in: right coronary cusp, left coronary cusp" in usual


def test_identifiers_are_used_once(usual: str) -> None:
    names = re.findall(r'\sid="([^"]+)"', usual)
    assert sorted(names) == sorted(set(names))


def test_same_case_gives_the_same_page(tmp_path: Path) -> None:
    assert written(tmp_path / "one", ReportCase()) == written(tmp_path / "two", ReportCase())


def test_predicted_case_without_measurements_has_a_report(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    assert write_report(tmp_path) == ("report.html",)
    text = words((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "This case was not measured." in text
    assert "There are no views of this case." in text


def test_measured_case_without_provenance_has_a_report(tmp_path: Path) -> None:
    write_measurements(tmp_path, ReportCase(case_id="by-hand"))
    write_report(tmp_path)
    assert "<h1>by-hand</h1>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_points_of_readers_are_said_to_be_theirs(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    document = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))
    document["landmarks"] = [{"label": "RCC", "found": True, "placed_by": "reader"}]
    document |= {"model": None, "heart_source": None, "landmark_files": ["points.fcsv"]}
    document["measurement"] = {"status": "not made", "reason": "It took too long."}
    (tmp_path / "provenance.json").write_text(json.dumps(document), encoding="utf-8")
    write_report(tmp_path)
    text = words((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "RCC Hinge point, right coronary cusp Placed by a reader" in text
    assert "No model took part" in text
    assert "Landmark files points.fcsv" in text
    assert "This case was not measured: It took too long." in text


def test_moved_landmarks_are_a_warning(tmp_path: Path) -> None:
    case = ReportCase()
    write_prediction(tmp_path, case)
    write_measurements(tmp_path, case)
    points = read_points(tmp_path / LANDMARKS_FILE)
    positions = points.defined_positions_lps_mm() | {"LCC": (11.0, 3.0, 5.0)}
    write_points(tmp_path / LANDMARKS_FILE, PointList.from_positions(positions))
    write_report(tmp_path)
    text = words((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "Warning: Moved since the case was measured: LCC." in text


def test_views_are_shown_in_reading_order_and_broken_ones_left_out(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    write_views(tmp_path, "septum.png", "annulus.png", "zoo.png")
    (tmp_path / "views" / "axial.png").write_bytes(b"no picture")
    write_report(tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'alt="([^"]+) with the landmarks', html) == ["Annulus plane", "Membranous septum", "Zoo"]


def test_large_views_are_made_small(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    write_views(tmp_path, *(f"view_{number}.png" for number in range(18)), size=1000)
    write_report(tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count('width="800" height="800"') == 16
    assert len(html) < 6e6


@pytest.mark.parametrize("name", [MEASUREMENTS_FILE, SHAPES_FILE, "provenance.json"])
def test_damaged_documents_are_refused_and_leave_the_old_report(tmp_path: Path, name: str) -> None:
    before = written(tmp_path, ReportCase())
    (tmp_path / name).write_text("{", encoding="utf-8")
    with pytest.raises(FedkdError) as caught:
        write_report(tmp_path)
    assert caught.value.code is ExitCode.INPUT_UNREADABLE
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == before


def test_damaged_calcification_is_refused(tmp_path: Path) -> None:
    written(tmp_path, ReportCase())
    (tmp_path / CALCIFICATION_FILE).write_bytes(b"NRRD0004\n")
    with pytest.raises(FedkdError):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("centerline", [{"height_mm": 1e300, "position_lps_mm": [0, 0, 0], "area_mm2": 5}]),
        ("centerline", [{"height_mm": 0, "position_lps_mm": [0, 0, 0], "area_mm2": -5}]),
        ("s_curve", [{"lao_deg": 0, "cranial_deg": 1e9}]),
    ],
)
def test_numbers_that_no_plot_can_show_are_refused(tmp_path: Path, key: str, value: object) -> None:
    write_prediction(tmp_path, ReportCase())
    write_measurements(tmp_path, ReportCase())
    document = json.loads((tmp_path / SHAPES_FILE).read_text(encoding="utf-8"))
    (tmp_path / SHAPES_FILE).write_text(json.dumps(document | {key: value}), encoding="utf-8")
    with pytest.raises(FedkdError) as caught:
        write_report(tmp_path)
    assert caught.value.code is ExitCode.INPUT_UNREADABLE


def test_empty_folder_has_nothing_to_report(tmp_path: Path) -> None:
    with pytest.raises(FedkdError) as caught:
        write_report(tmp_path)
    assert caught.value.code is ExitCode.INPUT_NOT_FOUND
    assert list(tmp_path.iterdir()) == []
