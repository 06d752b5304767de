"""The tutorial's part on what is not as usual, done: failures, many cases, a case in use, missing points, an import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from builders.predict_panel import click_case, states
from fedkd.review import review_lock
from harness.view_mouse import SliceMouse
from walkthrough.step import Step
from walkthrough.visitor import Visitor

PART = "When it goes otherwise"
IMPORT_PART = "Points that are there already"
_MONDAY = ("monday-1", "monday-2")
_SEVERAL = "Several CTs: a folder or a CSV file"


class OtherTimes:
    """What a reader meets who has one reviewed case, and its CT.

    Args:
        ct: the CT; it is predicted again under other names.
        results: the folder with the cases.
    """

    def __init__(self, ct: Path, results: Path) -> None:
        self._ct, self._results = ct, results
        self._cts = results.parent / "heart-team"

    def steps(self) -> tuple[Step, ...]:
        """Return what the tutorial's part says."""
        return (
            Step("A CT that cannot be read", self._failed),
            Step("Many CTs", self._many),
            Step("Decide on many cases", self._decide),
            Step("A case that is in use", self._in_use),
            Step("A landmark that was not found", self._missing),
        )

    def _failed(self, visitor: Visitor) -> None:
        broken = self._results.parent / "broken.nii.gz"
        broken.write_bytes(b"this is no CT")
        _open_section(visitor, "inputSection")
        visitor.choose("Take", "A file")
        visitor.choose_path("CT", broken)
        visitor.press("Predict")
        visitor.wait_until(lambda: states(visitor.person).get("broken") == "Failed", 300)
        visitor.wait_for("What to do:")
        _scroll_to(visitor, "runSection")
        visitor.picture("panel_failed")

    def _many(self, visitor: Visitor) -> None:
        self._cts.mkdir()
        for name in _MONDAY:
            (self._cts / f"{name}.nii.gz").hardlink_to(self._ct)
        visitor.choose("Take", _SEVERAL)
        visitor.fill_in("CT", str(self._cts))
        visitor.press("Predict")
        visitor.wait_until(lambda: "left" in visitor.person.find("progressText").text, 600)
        _scroll_to(visitor, "runSection")
        visitor.picture("panel_worklist")
        visitor.wait_until(lambda: [states(visitor.person)[name] for name in _MONDAY] == ["To be reviewed"] * 2, 900)

    def _decide(self, visitor: Visitor) -> None:
        self._open(visitor, "monday-1")
        visitor.press("Accept all landmarks and the case")
        visitor.wait_until(lambda: states(visitor.person)["monday-1"] == "Open: Accepted")
        self._open(visitor, "monday-2")
        visitor.fill_in_hint("Reason for rejecting", "Motion in the valve plane")
        visitor.press("Reject the case")
        visitor.wait_until(lambda: states(visitor.person)["monday-2"] == "Open: Rejected")
        _scroll_to(visitor, "runSection")
        visitor.picture("panel_worklist_reviewed")

    def _in_use(self, visitor: Visitor) -> None:
        with review_lock(self._results / "sample-heart"):
            click_case(visitor.person, "sample-heart")
            visitor.wait_for("open in another window", 120)
            _scroll_to(visitor, "reviewSection")
            visitor.picture("panel_locked")

    def _missing(self, visitor: Visitor) -> None:
        case = self._results / "monday-2"
        without_lco(case)
        subprocess.run([sys.executable, "-m", "fedkd", "measure", str(case)], check=True, capture_output=True)
        self._open(visitor, "monday-2")
        visitor.key("5")
        visitor.wait_for("LCO:")
        visitor.wait_for("Missing")
        _scroll_to(visitor, "landmarksGroup")
        visitor.picture("panel_missing")

    def _open(self, visitor: Visitor, name: str) -> None:
        click_case(visitor.person, name)
        visitor.wait_until(lambda: states(visitor.person)[name].startswith("Open"), 120)


class PointsAtHand:
    """Imports point sets into a reading that is not blind.

    Args:
        cts: a folder with CTs.
        points: a file of the study, hps.mps.
    """

    def __init__(self, cts: Path, points: Path) -> None:
        self._cts, self._points = cts, points

    def steps(self) -> tuple[Step, ...]:
        """Return what the tutorial's part says."""
        return (Step("Load points from a file", self._import),)

    def _import(self, visitor: Visitor) -> None:
        _open_section(visitor, "studySection")
        visitor.press("Blind reading")
        visitor.press("Show my cases")
        visitor.wait_for("cases read", 300)
        visitor.press("Open the next case")
        visitor.wait_for("Click in a slice view", 300)
        _open_section(visitor, "importSection")
        visitor.answer_with("Choose a file with points", self._points)
        visitor.press("From a file...")
        visitor.wait_for("From hps.mps:")
        SliceMouse("Red").wheel(0)
        visitor.picture("panel_annotate_import")


def without_lco(case: Path) -> None:
    """Make a predicted case one in which LCO has no position."""
    points = json.loads((case / "landmarks.mrk.json").read_text(encoding="utf-8"))
    for point in points["markups"][0]["controlPoints"]:
        if point["label"] == "LCO":
            point["positionStatus"] = "undefined"
            point["position"] = [0.0, 0.0, 0.0]
    (case / "landmarks.mrk.json").write_text(json.dumps(points), encoding="utf-8")
    (case / "review.json").unlink(missing_ok=True)


def _open_section(visitor: Visitor, name: str) -> None:
    section = visitor.person.find(name)
    if section.collapsed:
        visitor.person.press(name)


def _scroll_to(visitor: Visitor, name: str) -> None:
    visitor.scroll_to(name)
