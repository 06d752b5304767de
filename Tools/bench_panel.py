"""Print how long the panel takes to open, and a drag: from the point that moves to the shapes that have followed.

``PYTHONPATH=Testing python Tools/bench_panel.py [CASE CT]``; without a case it measures a phantom of exact shape. The
engine is a real ``fedkd session``; Slicer's scene is the real one, its application the tests' stand-in. Wanted on two
cores: below 100 ms for a drag, below 1 s for opening. The panel looks for answers every 30 ms, and so does this.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from builders.measured_case import measured_case
from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.engine.python_choice import slicer_python
from fedkd_slicer.panel.engine.session_client import SessionClient
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Desk, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from harness.fixtures import running_slicer

_WANTED_MS = 100.0
_OPENING = Path(__file__).with_name("panel_opening.py")
_OPENINGS, _WANTED_OPENING_S = 5, 1.0
_MOVES, _WARM_UP = 40, 5
_LOOK_EVERY_S = 0.03
_STEP_MM = 0.2


class Stopwatch:
    """An onlooker of the desk that stands behind the scene: when it is told, the scene has followed."""

    def __init__(self) -> None:
        self.told = 0

    def measurements_changed(self, _measurements: Measurements) -> None:
        self.told += 1

    def case_opened(self, _case: OpenedCase) -> None: ...
    def review_changed(self, _review: Review) -> None: ...
    def save_state_changed(self, _state: SaveState) -> None: ...
    def troubled(self, trouble: Trouble) -> None:
        raise SystemExit(str(trouble))

    def case_closed(self) -> None: ...


class Bench:
    """A case on the desk, in the scene."""

    def __init__(self) -> None:
        from fedkd_slicer.panel.scene.case_nodes import CaseInScene  # it needs the application

        self.desk = Desk(lambda died: SessionClient(slicer_python(), died), lambda: "bench")
        self.shown = CaseInScene(self.desk, _Nobody(), lambda _case: None)
        self.watch = Stopwatch()
        self.desk.add(self.shown)
        self.desk.add(self.watch)

    def wait(self, told: int) -> None:
        """Look as the panel's timer does, until so much was told."""
        begin = time.perf_counter()
        beats = 0
        while self.watch.told < told:
            if time.perf_counter() - begin > 120:
                raise SystemExit("the engine does not answer")
            beats += 1
            time.sleep(max(0.0, begin + beats * _LOOK_EVERY_S - time.perf_counter()))
            self.desk.look()

    def drag(self, label: str) -> tuple[list[float], list[float], list[float]]:
        """Return for each move of one drag, in ms: all of it, this process' processor time, and drawing a slice."""
        import slicer

        node, index = self.shown.landmarks.node, LANDMARK_NAMES.index(label)
        view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
        view.draw()
        node.InvokeEvent(slicer.vtkMRMLMarkupsNode.PointStartInteractionEvent)
        x, y, z = node.GetNthControlPointPosition(index)
        whole, own, drawing = [], [], []
        for move in range(_MOVES):
            begin, begin_cpu = time.perf_counter(), time.process_time()
            node.SetNthControlPointPosition(index, x + _STEP_MM * (move % 7 + 1), y, z + _STEP_MM * (move % 5))
            self.wait(self.watch.told + 1)
            whole.append((time.perf_counter() - begin) * 1000)
            own.append((time.process_time() - begin_cpu) * 1000)
            begin = time.perf_counter()
            view.draw()
            drawing.append((time.perf_counter() - begin) * 1000)
        node.InvokeEvent(slicer.vtkMRMLMarkupsNode.PointEndInteractionEvent)
        return whole[_WARM_UP:], own[_WARM_UP:], drawing[_WARM_UP:]


class _Nobody:
    """Hears what the scene has to say; a bench that is refused anything has failed."""

    def told(self, text: str) -> None:
        raise SystemExit(text)

    def landmark_picked(self, label: str) -> None: ...

    def case_lost(self, text: str) -> None:
        raise SystemExit(text)


def bench(case: Path, ct: Path) -> Table:
    """Open the case, drag, and return what it took."""
    one = Bench()
    one.desk.open(case, ct)
    one.wait(1)
    table = Table("dragged", "", "median ms", "longest ms", "wanted ms", title=f"A drag in the panel, {case.name}")
    for label in ("NCC", "LCO", "MS1"):
        rows = zip(
            ("scene has followed", "processor, Slicer's process", "drawing a slice"), one.drag(label), strict=True
        )
        for what, times in rows:
            wanted = f"{_WANTED_MS:.0f}" if what == "scene has followed" else ""
            table.add_row(label, what, f"{statistics.median(times):.0f}", f"{max(times):.0f}", wanted)
        one.wait(one.watch.told + 1)
    one.desk.end()
    return table


def opening() -> Table:
    """Open the module in processes of their own, and return what it took beyond an empty module."""
    runs = [
        json.loads(subprocess.run([sys.executable, _OPENING], capture_output=True, check=True).stdout.splitlines()[-1])
        for _ in range(_OPENINGS)
    ]
    table = Table("", "median s", "longest s", "wanted s", title=f"Opening the panel, {_OPENINGS} starts of Slicer")
    rows = (("beyond an empty module", "beyond_s", f"{_WANTED_OPENING_S:.1f}"), ("processor", "beyond_cpu_s", ""))
    for what, key, wanted in rows:
        seconds = [run[key] for run in runs]
        table.add_row(what, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}", wanted)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path, nargs="?", help="a measured case folder; it is not changed for good")
    parser.add_argument("ct", type=Path, nargs="?", help="its CT")
    options = parser.parse_args()
    Console().print(opening())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        case, ct = (options.case, options.ct) if options.case else measured_case(folder)
        application = running_slicer(folder / "slicer")
        next(application)
        Console().print(bench(case, ct))
        next(application, None)


if __name__ == "__main__":
    main()
