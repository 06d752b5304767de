"""A case on the desk, in the scene of a running Slicer, with a real engine process behind it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.measured_case import measured_case
from fedkd_slicer.panel.engine.python_choice import slicer_python
from fedkd_slicer.panel.engine.session_client import SessionClient
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.live_measurements import Measurements
from harness.fixtures import slicer_app
from harness.person import Person

__all__ = ["slicer_app"]


class Listening:
    """What the panel would show."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.texts: list[str] = []
        self.picked: list[str] = []
        self.lost: list[str] = []

    def told(self, text: str) -> None:
        self.texts.append(text)

    def landmark_picked(self, label: str) -> None:
        self.picked.append(label)

    def case_lost(self, text: str) -> None:
        self.lost.append(text)
        self._desk.close()


class Reading:
    """A reader with a case open."""

    def __init__(self, slicer_app) -> None:
        from fedkd_slicer.panel.scene.case_nodes import CaseInScene

        self.person = Person(slicer_app)
        self.scene = slicer_app.scene
        self.volume = None
        self.desk = Desk(lambda died: SessionClient(slicer_python(), died), lambda: "R1")
        self.listening = Listening(self.desk)
        self.shown = CaseInScene(self.desk, self.listening, lambda _case: self.volume)
        self.desk.add(self.shown)
        self.desk.add(self)
        self.measurements: list[Measurements] = []
        self.troubles = []

    def open(self, folder: Path, ct: Path) -> None:
        self.desk.open(folder, ct)
        self.wait(lambda: self.desk.case is not None or self.troubles)
        self.rest()

    def wait(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        def looked() -> object:
            self.desk.look()
            return condition()

        self.person.wait_until(looked, seconds)

    def rest(self) -> None:
        """Let everything be saved and measured."""
        self.wait(lambda: self.desk.is_saved and not self.measurements[-1].stale)

    @property
    def node(self):
        (node,) = [n for n in self.nodes("vtkMRMLMarkupsFiducialNode") if n.GetName() == "Landmarks"]
        return node

    def nodes(self, class_name: str) -> list:
        return [
            self.scene.GetNthNodeByClass(n, class_name) for n in range(self.scene.GetNumberOfNodesByClass(class_name))
        ]

    def names(self) -> set[str]:
        """Return the ids of all nodes in the scene."""
        return {self.scene.GetNthNode(n).GetID() for n in range(self.scene.GetNumberOfNodes())}

    # ---- an onlooker

    def case_opened(self, case) -> None: ...
    def review_changed(self, review) -> None: ...
    def save_state_changed(self, state) -> None: ...
    def case_closed(self) -> None: ...

    def measurements_changed(self, measurements: Measurements) -> None:
        self.measurements.append(measurements)

    def troubled(self, trouble) -> None:
        self.troubles.append(trouble)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A measured case and its CT; not to be changed."""
    return measured_case(tmp_path_factory.mktemp("made"))


@pytest.fixture
def case(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "out" / "scan"))


@pytest.fixture
def ct(made: tuple[Path, Path]) -> Path:
    return made[1]


@pytest.fixture
def reading(slicer_app) -> Iterator[Reading]:
    reading = Reading(slicer_app)
    yield reading
    reading.desk.close()


@pytest.fixture
def opened(reading: Reading, case: Path, ct: Path) -> Reading:
    reading.open(case, ct)
    return reading
