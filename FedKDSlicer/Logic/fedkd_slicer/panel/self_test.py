"""The main path without hands: what Slicer's own test of the installed module goes through."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import qt
import slicer

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.panel import Panel
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.settings import Settings

_PATIENCE_S = 600.0


class MainPath:
    """A panel of its own over a results folder of its own; the user's settings are put back at the end.

    Args:
        results: an empty folder.
    """

    def __init__(self, results: Path) -> None:
        self._settings = Settings()
        self._kept = self._settings.output_folder
        self._settings.output_folder = results
        self._panel = Panel()
        self._panel.enter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._panel.cleanup()
        self._settings.output_folder = self._kept

    def predict_sample(self) -> OpenedCase:
        """Make a sample CT, predict it, and return the case that is open then.

        Raises:
            RuntimeError: something failed, or it took more than ten minutes.
        """
        self._press("sampleButton")
        self._wait(lambda: self._button("runButton").enabled)
        self._press("runButton")
        self._wait(lambda: self._panel.open_case is not None)
        assert self._panel.open_case is not None
        return self._panel.open_case

    @staticmethod
    def landmark_nodes() -> list[slicer.vtkMRMLMarkupsFiducialNode]:
        """Return the lists of points in the scene."""
        return list(slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode"))

    def _button(self, name: str) -> qt.QPushButton:
        return slicer.util.findChild(self._panel.widget, name)

    def _press(self, name: str) -> None:
        self._button(name).click()

    def _wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            qt.QCoreApplication.processEvents()
            trouble: Trouble | None = self._panel.trouble
            if trouble is not None:
                raise RuntimeError(f"{trouble.what} {trouble.where} {trouble.what_to_do}")
            if time.monotonic() > end:
                raise RuntimeError("The panel did not get there in ten minutes.")
            time.sleep(0.02)
