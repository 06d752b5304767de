"""A person with the review in Slicer's module panel and a case open, by an engine from memory."""

from __future__ import annotations

from pathlib import Path

import slicer
from PySide6 import QtWidgets

from doubles.case_scene import WrittenDownScene
from doubles.review_engine import EngineFromMemory
from fedkd_slicer.panel.engine.session_client import Failed
from fedkd_slicer.panel.review.desk import Engine
from fedkd_slicer.panel.tabs.review_protocols import CaseScene, SceneListener
from harness.fixtures import SlicerApp
from harness.person import Person


class Reviewer(Person):
    """``panel`` holds the review and nothing else."""

    def __init__(self, slicer_app: SlicerApp, results: Path) -> None:
        import qt

        from fedkd_slicer.panel.pulse import Pulse
        from fedkd_slicer.panel.review.desk import Desk
        from fedkd_slicer.panel.settings import Settings
        from fedkd_slicer.panel.shared import Shared
        from fedkd_slicer.panel.tabs.review_half import ReviewHalf

        super().__init__(slicer_app)
        self.engine = EngineFromMemory()
        self.settings = Settings()
        self.settings.reader_code = "R7"
        self.settings.output_folder = results
        self.case = results / "scan"
        self.ct: Path | None = None
        self._widget = qt.QWidget()
        self._pulse = Pulse(self._widget)
        self.desk = Desk(self._start_engine, lambda: self.settings.reader_code or "unnamed")
        self._pulse.add(self.desk.look, lambda: self.desk.needs_look)
        self.half = ReviewHalf(Shared(self.settings, self._pulse, self.desk), self._make_scene)
        layout = QtWidgets.QVBoxLayout(self._widget)
        layout.addWidget(self.half.widget)
        slicer.app.mainWindow().panel_tree().setWidget(self._widget)
        self.half.enter()

    def _start_engine(self, died: Failed) -> Engine:
        return self.engine(died)

    def _make_scene(self, listener: SceneListener) -> CaseScene:
        self.scene = WrittenDownScene(listener)
        return self.scene

    @property
    def panel(self) -> QtWidgets.QWidget:
        return self._widget

    def open(self) -> None:
        """Have the case on the desk."""
        self.desk.open(self.case, self.ct)
        self._pulse.wake()
        self.wait_until(lambda: self.desk.case is not None)

    def rest(self) -> None:
        """Wait until all is saved and measured."""
        self.wait_until(lambda: self.desk.is_saved)
        self.wait_until(lambda: "Measuring" not in self.find("measurementState").text)

    def row(self, label: str) -> tuple[str, ...]:
        """Return what the landmark's row says."""
        table = self.find("landmarkTable")
        rows = [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(7)]
        return next(tuple(row[1:]) for row in rows if row[0].endswith(label))

    def measured(self, name: str) -> tuple[str, str]:
        """Return value and remark of a measurement."""
        table = self.find("measurementTable")
        row = next(row for row in range(table.rowCount) if table.item(row, 0).text() == name)
        return table.item(row, 1).text(), table.item(row, 2).text()

    def leave(self) -> None:
        """Unload the review."""
        self.half.cleanup()
        self.desk.end()
        self._pulse.stop()
        slicer.app.mainWindow().panel_tree().takeWidget()
        self._widget.delete()
