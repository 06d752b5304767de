"""The table of landmarks, by mouse and keyboard: words, jumps, and what may not be done."""

from __future__ import annotations

from PySide6 import QtCore, QtTest

from builders.opened_case import MODEL_ID, POSITIONS
from doubles.reviewer import Reviewer


def click_row(reviewer: Reviewer, row: int) -> None:
    table = reviewer.find("landmarkTable")
    place = table.visualItemRect(table.item(row, 1)).center()
    QtTest.QTest.mouseClick(table.viewport(), QtCore.Qt.MouseButton.LeftButton, pos=place)
    reviewer.wait()


def test_every_row_says_in_words_what_is_known(reviewer: Reviewer) -> None:
    assert reviewer.row("RCC") == ("Predicted", "0.98 (high)", "Plausible")
    assert reviewer.row("LCC") == ("Predicted", "0.72 (fair)", "Plausible")
    assert reviewer.row("NCC") == ("Predicted", "0.31 (low)", "1 to check")
    assert reviewer.row("LCO") == ("Predicted", "0.66 (not calibrated)", "1 note")
    assert reviewer.row("RCO")[0] == "Missing"
    text = reviewer.sees()
    assert MODEL_ID in text
    assert "Not for clinical use" in text


def test_a_click_goes_there_and_tells_what_is_unusual(reviewer: Reviewer) -> None:
    click_row(reviewer, 2)
    assert reviewer.scene.slices.asked == ["to NCC"]
    assert "NCC was found with low confidence" in reviewer.sees()
    assert "Accept NCC" in reviewer.sees()
    click_row(reviewer, 2)
    assert reviewer.scene.slices.asked == ["to NCC", "to NCC"], "who clicks again wants to go there again"
    click_row(reviewer, 0)
    assert "Nothing unusual was found." in reviewer.sees()


def test_a_landmark_taken_hold_of_in_a_view_is_selected_and_nothing_jumps(reviewer: Reviewer) -> None:
    reviewer.scene.listener.landmark_picked("MS2")
    assert "MS2: Membranous septum, lower point" in reviewer.sees()
    assert reviewer.scene.slices.asked == []


def test_keys_choose_accept_unlock_and_go_back(reviewer: Reviewer) -> None:
    reviewer.press_keys("3")
    assert reviewer.scene.slices.asked == ["to NCC"]
    reviewer.press_keys("Up")
    reviewer.press_keys("Up")
    reviewer.press_keys("Up")
    assert reviewer.scene.slices.asked[-1] == "to RCC", "it stays at the first"
    reviewer.press_keys("Space")
    assert reviewer.row("RCC")[0] == "Accepted"
    reviewer.press_keys("Del")
    assert "locked" in reviewer.find("saysLine").text
    assert reviewer.desk.state.landmark("RCC").position_lps_mm is not None
    reviewer.press_keys("P")
    assert reviewer.scene.landmarks.placing is None, "a locked point is not placed"
    reviewer.press_keys("Space")
    assert reviewer.row("RCC")[0] == "Predicted"
    assert not reviewer.find("acceptLandmarkButton").text.startswith("Unlock")
    reviewer.press_keys("Del")
    assert reviewer.row("RCC") == ("Missing", "\N{EN DASH}", "\N{EN DASH}")
    reviewer.press_keys("Ctrl+Z")
    assert reviewer.row("RCC")[0] == "Predicted"
    reviewer.press_keys("Ctrl+Y")
    assert reviewer.row("RCC")[0] == "Missing"
    reviewer.press_keys("Space")
    assert "no position" in reviewer.find("saysLine").text


def test_undo_and_redo_say_what_they_would_do(reviewer: Reviewer) -> None:
    assert not reviewer.find("undoButton").enabled
    reviewer.press("Accept RCC")
    reviewer.press("Undo\nAccepted RCC")
    assert reviewer.row("RCC")[0] == "Predicted"
    reviewer.press("Redo\nAccepted RCC")
    assert reviewer.row("RCC")[0] == "Accepted"


def test_a_point_that_was_moved_has_no_confidence_any_more(reviewer: Reviewer) -> None:
    x, y, z = POSITIONS["RCC"]
    reviewer.desk.place("RCC", (x + 2, y, z))
    assert reviewer.row("RCC")[:2] == ("Corrected", "Set by reader")
    reviewer.press_keys("Space")
    assert reviewer.row("RCC")[:2] == ("Accepted", "Set by reader"), "accepting does not bring it back"
    reviewer.desk.undo()
    reviewer.desk.undo()
    assert reviewer.row("RCC")[1] == "0.98 (high)"


def test_placing_is_announced_until_it_is_done(reviewer: Reviewer) -> None:
    reviewer.press_keys("4")
    reviewer.press("Place RCO")
    assert reviewer.scene.landmarks.placing == "RCO"
    reviewer.wait_until(lambda: "Click in a slice view to place RCO" in reviewer.sees())
    reviewer.press_keys("P")
    assert reviewer.scene.landmarks.placing is None
    reviewer.wait_until(lambda: "Click in a slice view" not in reviewer.sees())


def test_keys_belong_to_whoever_types(reviewer: Reviewer) -> None:
    field = reviewer.find("rejectReason")
    field.setFocus()
    for key in ("3", "P", "Space", "1"):
        reviewer.press_keys(key, into=field)
    assert field.text == "3p 1"
    reviewer.press_keys("Del", into=field)
    assert reviewer.desk.state.landmark("RCC").position_lps_mm is not None
    assert reviewer.scene.slices.asked == []
    assert reviewer.row("RCC")[0] == "Predicted"


def test_space_presses_a_button_that_was_reached_by_the_keyboard(reviewer: Reviewer) -> None:
    reviewer.find("annulusButton").setFocus(QtCore.Qt.FocusReason.TabFocusReason)
    reviewer.press_keys("Space")
    assert reviewer.scene.slices.asked == ["annulus"]
    assert reviewer.row("RCC")[0] == "Predicted"


def test_arrows_step_a_number_that_has_the_focus(reviewer: Reviewer) -> None:
    reviewer.press("followsContrast")
    box = reviewer.find("calciumThreshold").findChild("QDoubleSpinBox")
    box.setFocus()
    reviewer.press_keys("Up", into=box)
    assert reviewer.find("calciumThreshold").value == 510
    assert reviewer.scene.slices.asked == []


def test_keys_are_given_up_with_the_tab_and_with_the_case(reviewer: Reviewer) -> None:
    reviewer.press_keys("P")
    reviewer.half.exit()
    assert reviewer.scene.landmarks.placing is None
    reviewer.press_keys("2")
    assert reviewer.scene.slices.asked == []
    reviewer.half.enter()
    reviewer.press_keys("2")
    assert reviewer.scene.slices.asked == ["to LCC"]
    reviewer.desk.close()
    reviewer.press_keys("3")
    reviewer.press_keys("Space")
    assert reviewer.scene.slices.asked == ["to LCC"]


def test_a_case_that_is_lost_is_closed_and_the_reason_stays(reviewer: Reviewer) -> None:
    reviewer.scene.listener.case_lost("The scene was closed. The review is saved; open the case again to go on.")
    assert reviewer.desk.case is None
    assert reviewer.sees().count("The scene was closed.") == 1
    assert "Accept RCC" not in reviewer.sees()
    reviewer.open()
    assert "The scene was closed." not in reviewer.sees()
