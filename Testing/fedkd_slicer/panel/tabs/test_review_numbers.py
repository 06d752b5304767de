"""Measurements, calcium threshold and views, as a reader uses them."""

from __future__ import annotations

from builders.opened_case import NO_RCO, POSITIONS
from doubles.reviewer import Reviewer

X, Y, Z = POSITIONS["LCO"]
HEIGHT = "Left coronary height"


def test_numbers_stand_under_the_headings_of_the_catalog(reviewer: Reviewer) -> None:
    table = reviewer.find("measurementTable")
    names = [table.item(row, 0).text() for row in range(table.rowCount)]
    assert names[:2] == ["Aortic annulus", "Annulus area"]
    assert names.index("Coronary heights") < names.index(HEIGHT) < names.index("Calcium")
    assert reviewer.measured("Annulus area") == ("452 mm\N{SUPERSCRIPT TWO}", "")
    assert reviewer.measured(HEIGHT) == ("6.1 mm", "outside the published 8.8 \N{EN DASH} 24.3 mm")
    assert reviewer.measured("Right coronary height") == ("\N{EN DASH}", f"not measured: {NO_RCO}")


def test_what_concerns_the_whole_case_stands_over_the_numbers(reviewer: Reviewer) -> None:
    text = reviewer.find("generalFindings").text
    assert text.splitlines() == [
        "Note: Motion and the phase of the heartbeat are not judged.",
        "Note: The heart was found by its landmarks.",
    ]


def test_a_drag_shows_at_once_and_the_rest_is_gray_until_measured(reviewer: Reviewer) -> None:
    reviewer.engine.is_slow = True
    reviewer.engine.lco_height_mm = 11.5
    reviewer.desk.place("LCO", (X, Y, Z + 5))
    assert reviewer.measured(HEIGHT) == ("6.1 mm", "being measured")
    reviewer.wait_until(lambda: reviewer.measured(HEIGHT) == ("11.5 mm", "changed, was 6.1 mm"))
    assert reviewer.measured("Annulus area")[1] == "being measured"
    assert "from before the last change" in reviewer.sees()
    table = reviewer.find("measurementTable")
    gray, black = (table.item(row, 1).foreground().color() for row in (1, _row(table, HEIGHT)))
    assert gray != black
    reviewer.engine.is_slow = False
    reviewer.rest()
    assert reviewer.measured("Annulus area")[1] == ""
    assert table.item(1, 1).foreground().color() == black
    assert table.item(_row(table, HEIGHT), 1).font().bold()
    assert not table.item(1, 1).font().bold()


def test_a_threshold_is_measured_where_the_slider_rests_and_not_on_the_way(reviewer: Reviewer) -> None:
    slider = reviewer.find("calciumThreshold")
    assert slider.value == 500, "what the contrast gives"
    assert not slider.enabled
    reviewer.press("followsContrast")
    for hu in range(500, 851, 10):
        slider.setValue(hu)
        reviewer.wait()
    assert reviewer.engine.measured == []
    reviewer.wait_until(lambda: reviewer.engine.measured == ["850"])
    assert reviewer.find("undoButton").text == "Undo\nCalcium threshold 850"
    reviewer.rest()
    assert reviewer.engine.saved[-1]["calcium_threshold"] == "850"
    reviewer.press("undoButton")
    assert reviewer.find("followsContrast").checked
    assert not slider.enabled


def test_no_threshold_can_be_chosen_that_the_engine_refuses(reviewer: Reviewer) -> None:
    reviewer.press("followsContrast")
    slider = reviewer.find("calciumThreshold")
    slider.setValue(5.0)
    assert slider.value == 130
    slider.setValue(9999.0)
    reviewer.wait_until(lambda: reviewer.engine.measured == ["2000"])


def test_buttons_turn_the_views_and_back(reviewer: Reviewer) -> None:
    slices = reviewer.scene.slices
    assert not reviewer.find("backButton").enabled
    for button in ("Annulus", "LCO", "Septum"):
        reviewer.press(button)
    reviewer.press("backButton")
    assert slices.asked == ["annulus", "LCO", "septum", "back"]
    assert not reviewer.find("backButton").enabled


def test_a_view_that_cannot_be_shown_says_why_in_one_line(reviewer: Reviewer) -> None:
    reviewer.press("RCO")
    assert reviewer.find("saysLine").text == "RCO is missing. Place it first."
    reviewer.press("LCO")
    assert "RCO is missing" not in reviewer.sees()


def test_the_c_arm_goes_along_the_s_curve_and_to_both_views_by_name(reviewer: Reviewer) -> None:
    reviewer.press("threeCuspButton")
    reviewer.press("cuspOverlapButton")
    assert reviewer.scene.c_arm.asked == [(24.4, 8.2), (-1.3, -14.0)], "exactly, not rounded to the slider's degrees"
    assert "The 3D view shows RAO 1\N{DEGREE SIGN}, caudal 14\N{DEGREE SIGN}." in reviewer.sees()
    reviewer.find("sCurveSlider").setValue(30)
    assert reviewer.scene.c_arm.asked[-1] == (30.0, -30.0)
    assert "The 3D view shows LAO 30\N{DEGREE SIGN}, caudal 30\N{DEGREE SIGN}." in reviewer.sees()
    reviewer.press("backButton")
    assert "The 3D view shows" not in reviewer.sees()


def _row(table: object, name: str) -> int:
    return next(row for row in range(table.rowCount) if table.item(row, 0).text() == name)
