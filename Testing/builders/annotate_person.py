"""What an observer of the inter-observer study does, over and over, as a person does it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from builders.soft_root import ROOT
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from harness.person import Person
from harness.view_mouse import SliceMouse

TRUTH_RAS_MM = {label: np.array(point) * LPS_TO_RAS for label, point in ROOT.landmarks_lps_mm().items()}


@dataclass(frozen=True)
class Observer:
    """A person with a folder of CTs and a folder for readings."""

    person: Person
    cts: Path
    readings: Path

    def fill_in(self, code: str = "obs07") -> None:
        """Fill in the study's fields."""
        self.person.type_text("observerCode", code)
        self.person.type_text("siteCode", "site3")
        self.person.find("ctsFolder").setCurrentPath(str(self.cts))
        self.person.find("readingsFolder").setCurrentPath(str(self.readings))

    def list_cases(self, code: str = "obs07") -> None:
        """Fill in the fields, and wait for the cases."""
        self.fill_in(code)
        self.person.press("Show my cases")
        self.person.wait_until(lambda: "cases read" in self.person.sees(), 60)

    def open_next(self) -> str:
        """Open the next case; returns its name."""
        self.person.press("nextCaseButton")
        self.wait_open()
        return str(self.person.find("readingLine").text.split(",")[0].removeprefix("Case "))

    def wait_open(self) -> None:
        """Wait until a reading is open."""
        self.person.wait_until(
            lambda: "Click in a slice view" in self.person.sees() or "Placed." in self.person.sees(), 60
        )

    def click(self, label: str, view: str = "Red") -> np.ndarray:
        """Turn to a landmark's slice and click where it is; returns the place that was hit (RAS mm)."""
        mouse = SliceMouse(view)
        mouse.jump_to(TRUTH_RAS_MM[label])
        hit = mouse.click(TRUTH_RAS_MM[label])
        self.person.wait()
        return hit

    def place_all(self) -> dict[str, np.ndarray]:
        """Place the seven landmarks one after the other; returns where the mouse hit (RAS mm)."""
        hits = {}
        for label in LANDMARK_NAMES:
            hits[label] = self.click(label)
            self.person.press_keys("N")
        return hits

    def wait_saved(self) -> None:
        """Wait until the draft is on disk."""
        self.person.wait_until(lambda: "Draft saved" in self.person.find("readingSaved").text, 30)

    def draft(self, case: str, reader: str = "obs07") -> dict[str, Any]:
        """Return the draft's content."""
        content: dict[str, Any] = json.loads((self.readings / reader / case / "draft.json").read_text())
        return content

    @property
    def landmarks_node(self) -> Any:
        """The list of points in the scene."""
        (node,) = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
        return node
