"""The tutorial's second part, done: a blind reading of seven landmarks, finished and exported."""

from __future__ import annotations

import numpy as np

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from harness.view_mouse import SliceMouse
from walkthrough.step import Step
from walkthrough.visitor import Visitor

PART = "A blind reading"
OBSERVER, READINGS = "obs07", "readings"
_UNSURE = "MS2"


class BlindReading:
    """What an observer does who knows where the landmarks are.

    Args:
        cts: a folder with one CT or more of one root.
        truth_lps_mm: its landmarks.
    """

    def __init__(self, cts: object, truth_lps_mm: dict[str, tuple[float, float, float]]) -> None:
        self._cts = cts
        self._truth_ras_mm = {label: np.array(point) * LPS_TO_RAS for label, point in truth_lps_mm.items()}
        self.hits_ras_mm: dict[str, np.ndarray] = {}

    def steps(self) -> tuple[Step, ...]:
        """Return what the tutorial's second part says."""
        return (
            Step("Open the tab", self._open_tab),
            Step("Say who reads", self._say_who),
            Step("Open your first case", self._open_case),
            Step("Place the first landmark", self._place_first),
            Step("Place the others", self._place_others),
            Step("Say what cannot be seen", self._cannot_see),
            Step("Finish the reading", self._finish),
        )

    def _open_tab(self, visitor: Visitor) -> None:
        visitor.person.open_module("FedKDSlicer")
        visitor.show_tab("Annotate")
        visitor.picture("panel_annotate_start")

    def _say_who(self, visitor: Visitor) -> None:
        visitor.fill_in("Your observer code", OBSERVER)
        visitor.fill_in("Your site's code", "site3")
        visitor.choose_path("Folder with the CTs", self._cts)
        visitor.choose_path("Folder for readings", visitor.home / READINGS)
        visitor.press("Show my cases")
        visitor.wait_for("cases read", 300)
        visitor.picture("panel_annotate_cases")

    def _open_case(self, visitor: Visitor) -> None:
        visitor.press("Open the next case")
        visitor.wait_for("Click in a slice view", 300)
        visitor.picture("panel_annotate_landmark")

    def _place_first(self, visitor: Visitor) -> None:
        self._click(visitor, LANDMARK_NAMES[0])
        visitor.wait_for("Placed.")
        visitor.picture("panel_annotate_placed")
        visitor.key("N")

    def _place_others(self, visitor: Visitor) -> None:
        for label in LANDMARK_NAMES[1:]:
            visitor.wait_for(f": {label}, ")
            self._click(visitor, label)
            visitor.wait_for("Placed.")
            if label != LANDMARK_NAMES[-1]:
                visitor.key("N")
        visitor.picture("panel_annotate_all")

    def _cannot_see(self, visitor: Visitor) -> None:
        visitor.key("7")
        visitor.key("X")
        visitor.wait_for(f"Why can {_UNSURE} not be determined?")
        visitor.picture("panel_annotate_reason")
        visitor.press("Back")
        visitor.wait_until(lambda: "Why can" not in visitor.sees())

    def _finish(self, visitor: Visitor) -> None:
        visitor.press("Finish this reading")
        visitor.wait_for("Finished: case", 300)
        visitor.wait_for("1 of", 300)
        visitor.picture("panel_annotate_finished")

    def _click(self, visitor: Visitor, label: str) -> None:
        place = self._truth_ras_mm[label]
        mouse = SliceMouse("Red")
        mouse.jump_to(place)
        self.hits_ras_mm[label] = mouse.click(place)
        visitor.person.wait()
