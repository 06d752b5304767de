"""The main path through the panel, for Slicer's own test of the installed module: presses buttons and waits.

It has not run in the Slicer application yet, only in the stand-in of Testing/harness.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import qt
import slicer

from fedkd.case.layout import LANDMARKS_FILE, REVIEW_FILE

_SAMPLE_S, _PREDICT_S, _OPEN_S, _FINISH_S = 300.0, 900.0, 180.0, 300.0


class MainPath:
    """From an empty scene to an accepted case with its report.

    Args:
        panel: the module's widget.
        results: an empty folder.
    """

    def __init__(self, panel: qt.QWidget, results: Path) -> None:
        self._panel = panel
        self._results = results

    def run(self) -> Path:
        """Make a sample CT, predict, accept, write the report; return the case folder.

        Raises:
            TimeoutError: something did not happen; the message says what.
        """
        folder = self._find("outputFolder")
        users_own = folder.currentPath
        folder.setCurrentPath(str(self._results))
        try:
            return self._follow()
        finally:
            folder.setCurrentPath(users_own)

    def _follow(self) -> Path:
        self._press("sampleButton")
        self._wait("a sample CT", lambda: self._find("runButton").enabled, _SAMPLE_S)
        self._press("runButton")
        self._wait("a prediction", lambda: any(self._results.glob(f"*/{LANDMARKS_FILE}")), _PREDICT_S)
        (case,) = (file.parent for file in self._results.glob(f"*/{LANDMARKS_FILE}"))
        self._wait("an open case", lambda: self._find("acceptAllButton").visible, _OPEN_S)
        self._press("acceptAllButton")
        self._wait("a saved review", (case / REVIEW_FILE).is_file, _OPEN_S)
        slicer.util.findChild(self._find("ReviewFinish"), "finishButton").click()
        self._wait("the run's end", lambda: not self._find("finishProgress").visible, _FINISH_S)
        self._wait("the case again", lambda: self._find("reopenButton").visible, _OPEN_S)
        return case

    def _press(self, name: str) -> None:
        self._find(name).click()
        qt.QApplication.instance().processEvents()

    def _find(self, name: str) -> qt.QWidget:
        return slicer.util.findChild(self._panel, name)

    def _wait(self, what: str, has_come: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not has_come():
            if time.monotonic() > end:
                raise TimeoutError(f"There was not {what} within {seconds:.0f} s.")
            qt.QApplication.instance().processEvents()
            time.sleep(0.02)
