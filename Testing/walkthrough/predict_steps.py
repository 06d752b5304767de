"""The tutorial's first part, done: from an empty scene to an accepted, exported case."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fedkd.anatomy import LANDMARK_NAMES
from harness.view_mouse import SliceMouse
from walkthrough.step import Step
from walkthrough.visitor import Visitor, label_index, landmarks_node

PART = "From a CT to an accepted case"
OWN_CT_PART = "With your own CT"
RESULTS, EXPORTED = "results", "exported"
_FAR_ENOUGH_MM = 0.5


def _open_module(visitor: Visitor) -> None:
    visitor.person.open_module("FedKDSlicer")
    visitor.picture("panel_start")


def _say_who(visitor: Visitor) -> None:
    visitor.show_tab("Settings")
    visitor.fill_in("Your code", "R1")
    visitor.picture("panel_settings")
    visitor.show_tab("Predict & Review")


def _choose_results(visitor: Visitor) -> None:
    visitor.choose_path("Results in", visitor.home / RESULTS)


def _make_sample(visitor: Visitor) -> None:
    visitor.press("Make a sample CT")
    visitor.wait_until(lambda: list((visitor.home / RESULTS).rglob("case.json")), 600)
    visitor.wait_until(lambda: visitor.person.find("runButton").enabled, 300)
    visitor.picture("panel_sample")


def _predict(visitor: Visitor) -> None:
    visitor.press("Predict")
    visitor.wait_for("left", 900)
    visitor.picture("panel_predicting")
    visitor.wait_for("Done.", 600)
    visitor.wait_for("Not decided", 300)
    _rest(visitor)


def _look_at_result(visitor: Visitor) -> None:
    visitor.picture("panel_review")


def _check(visitor: Visitor) -> None:
    for number, label in enumerate(LANDMARK_NAMES[:2], start=1):
        visitor.key(str(number))
        visitor.wait_for(f"{label}:")
        if number == 1:
            visitor.picture("panel_landmark")
            visitor.key("Space")
            visitor.wait_for("Accepted")


def _correct(visitor: Visitor) -> None:
    before = _position(visitor, "LCC")
    visitor.drag("LCC", right_mm=2.0)
    visitor.wait_for("Corrected")
    _rest(visitor)
    assert np.linalg.norm(_position(visitor, "LCC") - before) > _FAR_ENOUGH_MM
    visitor.picture("panel_corrected")
    visitor.key("Ctrl+Z")
    visitor.wait_until(lambda: np.allclose(_position(visitor, "LCC"), before))
    visitor.key("Ctrl+Y")
    visitor.wait_until(lambda: not np.allclose(_position(visitor, "LCC"), before))
    visitor.press("Undo")
    visitor.wait_until(lambda: np.allclose(_position(visitor, "LCC"), before))
    _rest(visitor)


def _turn(visitor: Visitor) -> None:
    for view in ("Septum", "LCO", "RCO", "Annulus"):
        visitor.press(view)
    visitor.picture("panel_annulus")
    SliceMouse("Red").wheel(3)
    visitor.press("Three-cusp view")
    visitor.press("Cusp-overlap view")
    visitor.picture("panel_c_arm")
    visitor.press("Back to where the views were")


def _measurements(visitor: Visitor) -> None:
    visitor.panel_picture("panel_review_all")


def _accept(visitor: Visitor) -> None:
    visitor.press("Accept all landmarks and the case")
    visitor.wait_for("(by R1")
    _rest(visitor)
    visitor.picture("panel_accepted")


def _finish(visitor: Visitor) -> None:
    visitor.press("Write report, scene and DICOM")
    visitor.wait_for("is finished", 600)
    visitor.wait_for("(by R1", 300)


def _export(visitor: Visitor) -> None:
    target = visitor.home / EXPORTED
    target.mkdir()
    visitor.answer_with("Export to this folder", target)
    visitor.press("Export this case ...")
    visitor.wait_for("1 of 1 cases are now in", 60)
    visitor.scroll_to("ReviewExport")
    visitor.picture("panel_exported")


def _rest(visitor: Visitor) -> None:
    """Wait as a person does who looks: everything is saved and measured."""
    visitor.wait_until(lambda: "Saving" not in visitor.sees() and "being measured" not in visitor.sees())


def _position(visitor: Visitor, label: str) -> np.ndarray:
    node = landmarks_node()
    return np.array(node.GetNthControlPointPositionWorld(label_index(node, label)))


STEPS = (
    Step("Open the module", _open_module),
    Step("Say who reviews", _say_who),
    Step("Choose where results go", _choose_results),
    Step("Make a sample CT", _make_sample),
    Step("Predict", _predict),
    Step("See what was found", _look_at_result),
    Step("Check the landmarks", _check),
    Step("Correct a landmark", _correct),
    Step("Turn the views", _turn),
    Step("Read the measurements", _measurements),
    Step("Accept the case", _accept),
    Step("Write the report", _finish),
    Step("Export the case", _export),
)

SAMPLE_STEP = "Make a sample CT"


def steps_with_own_ct(ct: Path) -> tuple[Step, ...]:
    """Return the same steps with a CT of one's own instead of the sample."""

    def choose_own(visitor: Visitor) -> None:
        visitor.choose("Take", "A file")
        visitor.choose_path("CT", ct)

    own = Step("Choose your own CT", choose_own)
    return tuple(own if step.title == SAMPLE_STEP else step for step in STEPS)
