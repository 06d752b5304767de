"""Each thing that the harness promises to fail by does fail a test, swallowed exceptions included."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.fixtures import running_slicer
from harness.product_like_code import run_as_product

SWALLOWED = """
try:
    {statement}
except Exception:
    pass
"""


@pytest.fixture
def failure_of(tmp_path):
    """Run something in an application of its own; return what its end complains of."""

    def run(act) -> str:
        session = running_slicer(tmp_path / "slicer")
        act(next(session))
        with pytest.raises(pytest.fail.Exception) as failure:
            next(session)
        return str(failure.value)

    return run


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("import qt; qt.QNoSuchThing", "does not know qt.QNoSuchThing"),
        ("import ctk; ctk.ctkNoSuchThing()", "does not know ctk.ctkNoSuchThing"),
        ("from slicer.util import noSuchThing", "does not know slicer.util.noSuchThing"),
        ("import slicer; slicer.util.launchConsoleProcess", "slicer.util.launchConsoleProcess is not listed"),
        ("import slicer; slicer.app.noSuchThing()", "does not know qSlicerApplication.noSuchThing"),
        ("import slicer; slicer.app.coreIOManager().noSuchThing", "does not know qSlicerCoreIOManager.noSuchThing"),
        ("import qt; qt.QLabel('x').noSuchThing", "does not know QLabel.noSuchThing"),
        ("import qt; qt.QLabel('x').grabGesture(1)", "QLabel.grabGesture is not listed"),
        ("import qt; qt.QPushButton('x').connect('pushed()', print)", "QPushButton has no signal 'pushed()'"),
        ("import slicer; slicer.noSuchThing", "does not know slicer.noSuchThing"),
    ],
)
def test_unknown_and_unlisted_names_fail_a_test_that_swallows_the_exception(failure_of, statement, complaint) -> None:
    assert complaint in failure_of(lambda app: run_as_product(SWALLOWED.format(statement=statement)))


def test_exception_in_a_slot_fails_the_test(failure_of) -> None:
    code = """
import qt
button = qt.QPushButton('x')
button.connect('clicked()', lambda: 1 / 0)
button.clicked.connect(lambda: [][0])
button.click()
"""
    failure = failure_of(lambda app: run_as_product(code))
    assert "ZeroDivisionError" in failure
    assert "IndexError" in failure


def test_exception_in_a_timer_and_in_an_observer_fails_the_test(failure_of) -> None:
    def act(app) -> None:
        run_as_product("import qt\nqt.QTimer.singleShot(0, lambda: 1 / 0)")
        run_as_product(
            "import vtk\nscene.AddObserver(scene.NodeAddedEvent, lambda *_: [][0])\n"
            "scene.AddNewNodeByClass('vtkMRMLTextNode')",
            scene=app.scene,
        )

    failure = failure_of(act)
    assert "ZeroDivisionError" in failure
    assert "IndexError" in failure


def test_unread_dialog_and_unanswered_question_fail_the_test(failure_of) -> None:
    def act(app) -> None:
        run_as_product("import slicer\nslicer.util.errorDisplay('It broke.')")
        run_as_product("import slicer\nassert not slicer.util.confirmYesNoDisplay('Delete all?')")

    failure = failure_of(act)
    assert "It broke." in failure
    assert "Delete all?" in failure


def test_answer_that_nobody_asked_for_fails_the_test(failure_of) -> None:
    assert "no dialog asked for" in failure_of(lambda app: app.dialogs.answer("Delete", "yes"))


def test_running_timer_fails_the_test(failure_of) -> None:
    kept = []

    def act(app) -> None:
        kept.append(run_as_product("import qt\ntimer = qt.QTimer()\ntimer.start(1000)"))

    assert "a timer still runs" in failure_of(act)
    kept[0]["timer"].stop()


def test_living_process_fails_the_test(failure_of) -> None:
    children = []

    def act(app) -> None:
        children.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))

    assert "is still alive" in failure_of(act)
    children[0].communicate()


def test_unknown_widget_class_in_a_ui_file_fails_the_test(failure_of, tmp_path) -> None:
    ui = tmp_path / "panel.ui"
    ui.write_text(
        '<ui version="4.0"><class>A</class><widget class="QWidget" name="A"><layout class="QVBoxLayout" name="l">'
        '<item><widget class="qMRMLNoSuchWidget" name="w"/></item></layout></widget></ui>',
        encoding="utf-8",
    )

    def act(app) -> None:
        run_as_product(SWALLOWED.format(statement=f"import slicer; slicer.util.loadUI({str(ui)!r})"))

    assert "the widget class qMRMLNoSuchWidget" in failure_of(act)
