"""Slicer's module panel is 400 to 450 pixels wide: everything is to be read in it, whole."""

from __future__ import annotations

import pytest
import slicer
from PySide6 import QtWidgets

from doubles.reviewer import Reviewer
from harness.cut_words import cut_words
from harness.person import Person

NARROW_PX = 400
# What is left of that for the review, beside frames and scroll bar.
NARROW_REVIEW_PX = 356


@pytest.fixture(autouse=True)
def narrow_dock(slicer_app) -> None:
    slicer.app.mainWindow().findChild(QtWidgets.QDockWidget, "PanelDockWidget").setFixedWidth(NARROW_PX)


def lay_out(widget, width_px: int) -> None:
    widget.ensurePolished()
    widget.resize(width_px, 800)
    QtWidgets.QApplication.processEvents()


@pytest.mark.parametrize("tab", ["Predict & Review", "Annotate", "Settings"])
def test_every_tab_begins_without_cut_words(person: Person, tab: str) -> None:
    person.show_tab(tab)
    assert person.panel.layout().minimumSize().width() <= NARROW_PX
    lay_out(person.panel, NARROW_PX)
    assert not cut_words(person.panel)


def test_a_review_has_no_cut_words_whatever_is_found_and_done(reviewer: Reviewer) -> None:
    for do in (
        lambda: None,
        lambda: reviewer.press_keys("Space"),
        lambda: reviewer.desk.place("LCC", (1.0, 2.0, 3.0)),
        lambda: reviewer.desk.remove("MS1"),
        lambda: reviewer.desk.set_calcium_threshold("850"),
        lambda: reviewer.desk.reject("Motion in the valve plane"),
        reviewer.desk.reopen,
        reviewer.desk.accept_all,
    ):
        do()
        reviewer.wait()
        lay_out(reviewer.panel, NARROW_PX)
        assert reviewer.half.widget.layout().minimumSize().width() <= NARROW_REVIEW_PX
        assert not cut_words(reviewer.panel)


def test_words_that_are_cut_are_found(slicer_app) -> None:
    import qt

    button = qt.QPushButton("Write report, scene and DICOM")
    holder = qt.QWidget()
    button.setParent(holder)
    holder.show()
    button.resize(60, 20)
    assert cut_words(holder) == [f"{button.name}: Write report, scene and DICOM"]
    button.resize(400, 20)
    assert not cut_words(holder)
    holder.deleteLater()
