"""The reader's desk over a real engine process: what is done is saved, followed, and survives the engine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.measured_case import measured_case
from fedkd.pointsets import read_points
from fedkd_slicer.panel.engine.python_choice import slicer_python
from fedkd_slicer.panel.engine.session_client import Failed, SessionClient
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Desk, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.review.state import NotAllowed


class Watching:
    """Writes down what there is to show."""

    def __init__(self) -> None:
        self.case: OpenedCase | None = None
        self.reviews: list[Review] = []
        self.measurements: list[Measurements] = []
        self.saves: list[SaveState] = []
        self.troubles: list[Trouble] = []

    def case_opened(self, case: OpenedCase) -> None:
        self.case = case

    def review_changed(self, review: Review) -> None:
        self.reviews.append(review)

    def measurements_changed(self, measurements: Measurements) -> None:
        self.measurements.append(measurements)

    def save_state_changed(self, state: SaveState) -> None:
        self.saves.append(state)

    def troubled(self, trouble: Trouble) -> None:
        self.troubles.append(trouble)

    def case_closed(self) -> None:
        self.case = None

    def value(self, key: str) -> str:
        return {line.key: line.text for line in self.measurements[-1].lines}[key]


class Office:
    """A desk, who watches it, and the engines it had."""

    def __init__(self) -> None:
        self.engines: list[SessionClient] = []
        self._pids: list[int] = []
        self.watching = Watching()
        self.desk = Desk(self._start, lambda: "R1")
        self.desk.add(self.watching)

    def _start(self, died: Failed) -> SessionClient:
        self.engines.append(SessionClient(slicer_python(), died))
        self._pids.append(self.engines[-1]._process._process.pid)
        return self.engines[-1]

    def wait(self, condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < limit, "it never happened"
            self.desk.look()
            time.sleep(0.01)

    def open(self, case: Path, ct: Path) -> None:
        self.desk.open(case, ct)
        self.wait(lambda: self.watching.case is not None or bool(self.watching.troubles))

    @property
    def engine_pid(self) -> int:
        return self._pids[-1]

    def rest(self) -> None:
        self.wait(lambda: self.desk.is_saved and not self.watching.measurements[-1].stale)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return measured_case(tmp_path_factory.mktemp("made"))


@pytest.fixture
def case(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "out" / "scan"))


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.desk.end()


def on_disk(case: Path) -> dict[str, dict[str, object]]:
    return {one["label"]: one for one in json.loads((case / "review.json").read_text())["landmarks"]}


def test_what_the_reader_does_is_saved_and_measured(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    office.open(case, made[1])
    before = office.watching.value("lco_height_mm")
    x, y, z = office.desk.state.positions_lps_mm["LCO"]
    office.desk.drag("LCO", (x, y, z + 1))
    assert office.desk.state.positions_lps_mm["LCO"] == (x, y, z), "a drag is no decision"
    office.desk.place("LCO", (x, y, z + 3))
    office.rest()
    assert office.watching.value("lco_height_mm") != before
    assert "lco_height_mm" in office.watching.measurements[-1].changed
    assert "annulus_area_mm2" not in office.watching.measurements[-1].changed
    assert on_disk(case)["LCO"]["state"] == "corrected"
    office.desk.toggle_accepted("LCO")
    office.rest()
    assert on_disk(case)["LCO"]["state"] == "accepted"
    assert read_points(case / "landmarks.mrk.json").position_lps_mm("LCO") == pytest.approx((x, y, z + 3))
    with pytest.raises(NotAllowed, match="locked"):
        office.desk.drag("LCO", (x, y, z))
    office.desk.undo()
    office.desk.undo()
    office.rest()
    assert on_disk(case)["LCO"]["state"] == "predicted"
    assert office.watching.value("lco_height_mm") == before


def test_the_engine_may_die_and_nothing_is_lost(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    office.open(case, made[1])
    office.desk.toggle_accepted("RCC")
    office.rest()
    engine = office.engines[-1]._process
    assert engine is not None
    os.kill(engine._process.pid, signal.SIGKILL)
    office.desk.toggle_accepted("LCC")
    office.wait(lambda: bool(office.watching.troubles))
    assert "ended unexpectedly" in office.watching.troubles[0].what
    office.wait(lambda: len(office.engines) == 2 and office.desk.case is not None)
    office.rest()
    assert {on_disk(case)[label]["state"] for label in ("RCC", "LCC")} == {"accepted"}
    office.desk.undo()
    office.rest()
    assert on_disk(case)["LCC"]["state"] == "predicted", "the history is still there"


def test_a_case_that_another_has_open_is_told(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    other = Office()
    other.open(case, made[1])
    office.open(case, made[1])
    assert office.watching.troubles[0].name == "CASE_LOCKED"
    assert office.desk.case is None
    with pytest.raises(NotAllowed, match="Open one first"):
        office.desk.accept_all()
    other.desk.end()


def test_closing_waits_for_nobody_and_loses_nothing(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    office.open(case, made[1])
    os.kill(office.engine_pid, signal.SIGSTOP)
    office.desk.place("LCO", (1.0, 2.0, 30.0))
    office.desk.close()
    assert not office.desk.has_left, "it went on at once, though the engine stands still"
    office.desk.open(case, made[1])
    office.desk.look()
    assert len(office.engines) == 1, "the case is not opened again before it was given up"
    os.kill(office.engine_pid, signal.SIGCONT)
    office.wait(lambda: office.desk.case is not None)
    assert office.desk.state.positions_lps_mm["LCO"] == pytest.approx((1.0, 2.0, 30.0))
    assert on_disk(case)["LCO"]["state"] == "corrected"


def test_an_engine_that_never_ends_is_killed(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    office.open(case, made[1])
    pid = office.engine_pid
    os.kill(pid, signal.SIGSTOP)
    office.desk.end()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_accepted_case_is_there_when_it_is_opened_again(office: Office, case: Path, made: tuple[Path, Path]) -> None:
    office.open(case, made[1])
    office.desk.comment("clear")
    office.desk.set_calcium_threshold("700")
    office.desk.accept_all()
    office.rest()
    office.desk.close()
    assert office.watching.case is None
    office.open(case, made[1])
    state = office.desk.state
    assert (state.decision, state.comment, state.calcium_threshold) == ("accepted", "clear", "700")
    assert not state.not_yet_accepted


def test_a_review_that_cannot_be_saved_says_so_and_is_saved_later(
    office: Office, case: Path, made: tuple[Path, Path]
) -> None:
    office.open(case, made[1])
    moved_away = case.with_name("elsewhere")
    case.rename(moved_away)
    office.desk.toggle_accepted("RCC")
    office.wait(lambda: office.watching.saves[-1].trouble is not None)
    assert not office.desk.is_saved
    moved_away.rename(case)
    office.desk.toggle_accepted("LCC")
    office.rest()
    assert on_disk(case)["RCC"]["state"] == "accepted"
