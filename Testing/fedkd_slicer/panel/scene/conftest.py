"""A case on the desk, in the scene of a running Slicer.

Most tests have the engine in their own process and need not wait for it; those that kill it have the real one.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.measured_case import measured_case, measured_ct
from builders.soft_root import ROOT, soft_ct
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS, Grid, annulus_plane
from fedkd.session.serve import Session
from fedkd_slicer.panel.engine.python_choice import slicer_python
from fedkd_slicer.panel.engine.session_client import SessionClient
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.live_measurements import Measurements
from harness.fixtures import SlicerApp, slicer_app
from harness.person import Person
from harness.view_mouse import SliceMouse

__all__ = ["slicer_app"]


class EngineHere:
    """`fedkd session` without a process: answers when it is looked at."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        self._session = Session(Path(self._scratch.name))
        self._waiting: list[tuple[dict, Callable, Callable]] = []

    def open_case(self, folder, ct, answered, failed) -> None:
        self._ask({"do": "open", "case": str(folder), "ct": str(ct)}, answered, failed)

    def follow(self, points, answered, failed) -> None:
        self._ask({"do": "follow", "points_lps_mm": dict(points)}, answered, failed)

    def measure(self, points, threshold, answered, failed) -> None:
        self._ask({"do": "measure", "points_lps_mm": dict(points), "calcium_threshold": threshold}, answered, failed)

    def save(self, review, answered, failed) -> None:
        self._ask({"do": "save", "review": review}, answered, failed)

    def look(self) -> None:
        while self._waiting:
            what, answered, failed = self._waiting.pop(0)
            answer = json.loads(self._session.answer(json.dumps({"id": 1, **what})).model_dump_json())
            failed(Trouble.told(answer["error"])) if "error" in answer else answered(answer)

    def close(self) -> None:
        # What was asked for is still done, as by `SessionClient`; nobody is told.
        for what, _answered, _failed in self._waiting:
            self._session.answer(json.dumps({"id": 1, **what}))
        self._waiting = []
        self._session.__exit__()
        self._scratch.cleanup()

    @property
    def is_gone(self) -> bool:
        return True

    def _ask(self, what, answered, failed) -> None:
        self._waiting.append((what, answered, failed))


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

    def __init__(self, slicer_app: SlicerApp, start_engine: Callable) -> None:
        from fedkd_slicer.panel.scene.case_nodes import CaseInScene

        self.person = Person(slicer_app)
        self.scene = slicer_app.scene
        # Slicer makes a view's camera with the view, the stand-in when it is asked for.
        slicer_app.app.layoutManager().threeDWidget(0).threeDView().cameraNode()
        self.volume = None
        self.desk = Desk(start_engine, lambda: "R1")
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

    def at(self, label: str) -> np.ndarray:
        """Return where a landmark lies in the scene, RAS mm."""
        return np.array(self.node.GetNthControlPointPosition(LANDMARK_NAMES.index(label)))

    def reviewed_at(self, label: str) -> np.ndarray:
        """Return where the review has a landmark, RAS mm."""
        return np.array(self.desk.state.positions_lps_mm[label]) * LPS_TO_RAS

    def mouse_on(self, label: str, view: str = "Red") -> SliceMouse:
        """Return a mouse in a view whose slice goes through the landmark."""
        mouse = SliceMouse(view)
        mouse.jump_to(self.at(label))
        return mouse

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


@pytest.fixture(scope="session")
def calcified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A case with calcium on the right cusp that a threshold tells in two, and its CT."""
    folder = tmp_path_factory.mktemp("calcified")
    image = soft_ct(noise_hu=15.0).image
    voxels_zyx = sitk.GetArrayFromImage(image)
    grid = Grid.of(image)
    indices = np.stack(np.meshgrid(*map(np.arange, grid.size_xyz), indexing="ij"), axis=-1)
    points = {name: np.array(at) for name, at in ROOT.landmarks_lps_mm().items()}
    plane = annulus_plane(*(points[name] for name in ("RCC", "LCC", "NCC")))
    center = (points["RCC"] + plane.center_lps_mm) / 2 + 4.0 * plane.normal_lps
    distance_mm = np.linalg.norm(grid.index_to_lps(indices) - center, axis=-1).transpose(2, 1, 0)
    voxels_zyx[distance_mm < 3.0] = 1000
    voxels_zyx[distance_mm < 2.0] = 1600
    return measured_ct(folder, grid.to_image(voxels_zyx))


@pytest.fixture
def reading(slicer_app) -> Iterator[Reading]:
    """A reader whose engine is in this process."""
    reading = Reading(slicer_app, lambda died: EngineHere())
    yield reading
    reading.desk.end()


@pytest.fixture
def reading_with_process(slicer_app) -> Iterator[Reading]:
    """A reader with the engine that users have."""
    reading = Reading(slicer_app, lambda died: SessionClient(slicer_python(), died))
    yield reading
    reading.desk.end()


@pytest.fixture
def opened(reading: Reading, case: Path, ct: Path) -> Reading:
    reading.open(case, ct)
    return reading
