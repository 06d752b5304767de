"""An engine for the desk that answers from memory, when it is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from builders.opened_case import QUANTITIES, opened_answer, shapes
from fedkd.measurement.quantity import Quantity
from fedkd.session.lines import quantity_lines
from fedkd_slicer.panel.engine.session_client import Answered, Failed, PointsLps
from fedkd_slicer.panel.engine.trouble import Trouble


class EngineFromMemory:
    """``saved``: reviews, newest last; ``measured``: thresholds; ``is_slow``: numbers do not come until told."""

    def __init__(self) -> None:
        self.opened: list[Path] = []
        self.saved: list[dict[str, Any]] = []
        self.measured: list[str] = []
        self.is_slow = False
        self.save_trouble: Trouble | None = None
        self.open_trouble: Trouble | None = None
        self.lco_height_mm = QUANTITIES["lco_height_mm"].value
        self._waiting: list[Callable[[], None]] = []
        self._numbers: list[Callable[[], None]] = []

    def __call__(self, died: Failed) -> EngineFromMemory:
        """Start; it never dies."""
        self._waiting.clear()
        self._numbers.clear()
        return self

    def open_case(self, folder: Path, ct: Path | None, answered: Answered, failed: Failed) -> None:
        self.opened.append(folder)
        if self.open_trouble is not None:
            trouble = self.open_trouble
            self._waiting.append(lambda: failed(trouble))
            return
        answer = opened_answer(folder)
        if self.saved:
            answer["review"] = self.saved[-1]
        self._waiting.append(lambda: answered(answer))

    def follow(self, points_lps_mm: PointsLps, answered: Answered, failed: Failed) -> None:
        answer = self._answer("hinge_circle_diameter_mm", "lco_height_mm", "rco_height_mm")
        self._waiting.append(lambda: answered(answer))

    def measure(self, points_lps_mm: PointsLps, threshold: str, answered: Answered, failed: Failed) -> None:
        self.measured.append(threshold)
        answer = {**self._answer(*QUANTITIES), "calcification_file": None}
        self._numbers.append(lambda: answered(answer))

    def save(self, review: dict[str, Any], answered: Answered, failed: Failed) -> None:
        if self.save_trouble is not None:
            trouble = self.save_trouble
            self._waiting.append(lambda: failed(trouble))
            return
        self.saved.append(review)
        self.opened[-1].mkdir(parents=True, exist_ok=True)
        (self.opened[-1] / "review.json").write_text(json.dumps(review))
        self._waiting.append(lambda: answered({"saved": {"saved_utc": "2026-11-21T14:03:00Z"}}))

    def look(self) -> None:
        """Answer what was asked."""
        waiting, self._waiting = self._waiting, []
        numbers: list[Callable[[], None]] = []
        if not self.is_slow:
            numbers, self._numbers = self._numbers, []
        for answer in (*waiting, *numbers):
            answer()

    def close(self) -> None:
        self._waiting.clear()
        self._numbers.clear()

    @property
    def is_gone(self) -> bool:
        return True

    def _answer(self, *keys: str) -> dict[str, Any]:
        quantities = {key: QUANTITIES[key] for key in keys} | {
            "lco_height_mm": Quantity("lco_height_mm", self.lco_height_mm)
        }
        lines = quantity_lines(quantities)
        return {
            "quantities": [line.model_dump(mode="json") for line in lines],
            "findings": [],
            "shapes": shapes().model_dump(mode="json"),
        }
