"""The observer's desk over an engine that answers when the test says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.engine.reading_client import CaseToRead, Study
from fedkd_slicer.panel.engine.session_client import Answered, Failed
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.review.state import NotAllowed

STUDY = Study("obs1", "siteA", Path("cts"), Path("readings"), blind=True)
CASE = CaseToRead("c1", Path("cts/c1.nii.gz"), 1, has_draft=False, done=0)
FULL = Trouble("There is no space left for the output.", "readings", "Free some space.")


class Engine:
    """Writes down what is asked; `answer` and `fail` end the oldest request."""

    def __init__(self, died: Failed) -> None:
        self.died = died
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._waiting: list[tuple[Answered, Failed]] = []
        self.is_gone = True

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting)

    def list_cases(self, study: Study, answered: Answered, failed: Failed) -> None:
        self._note("list", {}, answered, failed)

    def open_reading(
        self, study: Study, case: CaseToRead, protocol_version: str, answered: Answered, failed: Failed
    ) -> None:
        self._note("open", {"protocol": protocol_version}, answered, failed)

    def save_reading(self, reading: dict[str, Any], answered: Answered, failed: Failed) -> None:
        self._note("save", reading, answered, failed)

    def finish_reading(self, reading: dict[str, Any], answered: Answered, failed: Failed) -> None:
        self._note("finish", reading, answered, failed)

    def import_points(self, path: Path, order: tuple[str, ...], answered: Answered, failed: Failed) -> None:
        self._note("import", {"order": order}, answered, failed)

    def look(self) -> None:
        pass

    def close(self) -> None:
        self.is_gone = False

    def answer(self, **what: Any) -> None:
        self._waiting.pop(0)[0](what)

    def fail(self, trouble: Trouble) -> None:
        self._waiting.pop(0)[1](trouble)

    def die(self) -> None:
        waiting, self._waiting = self._waiting, []
        for _, failed in waiting:
            failed(FULL)
        self.died(FULL)

    def saved(self) -> None:
        """Answer the save that is under way."""
        self.answer(saved_reading={"saved_utc": "2026-01-01T10:00:00Z"})

    def _note(self, what: str, content: dict[str, Any], answered: Answered, failed: Failed) -> None:
        self.asked.append((what, content))
        self._waiting.append((answered, failed))


class Office:
    """A desk, its engines and clock, and who looks on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.engines: list[Engine] = []
        self.views: list[ReadingView] = []
        self.saves: list[SaveState] = []
        self.told: list[str] = []
        self.desk = AnnotationDesk(self._start, "1", clock=lambda: self.now)
        self.desk.add(self)

    def _start(self, died: Failed) -> Engine:
        self.engines.append(Engine(died))
        return self.engines[-1]

    @property
    def engine(self) -> Engine:
        return self.engines[-1]

    @property
    def asked(self) -> list[str]:
        return [what for what, _ in self.engine.asked]

    def seconds(self) -> dict[str, float]:
        return {one["label"]: one["seconds"] for one in self.engine.asked[-1][1]["landmarks"]}

    def cases_listed(self, cases: tuple[CaseToRead, ...]) -> None: ...

    def reading_opened(self, reading: OpenedReading) -> None:
        self.told.append("opened")

    def reading_changed(self, view: ReadingView) -> None:
        self.views.append(view)

    def save_state_changed(self, state: SaveState) -> None:
        self.saves.append(state)

    def noted(self, text: str) -> None:
        self.told.append(text)

    def troubled(self, trouble: Trouble) -> None:
        self.told.append(trouble.what)

    def reading_finished(self, reading: OpenedReading) -> None:
        self.told.append("finished")

    def reading_closed(self) -> None:
        self.told.append("closed")


def opened_answer(**changes: Any) -> dict[str, Any]:
    landmark = {"state": "open", "position_lps_mm": None, "reason": "", "seconds": 0.0, "imported": False}
    reading = {
        "observer": "obs1",
        "site": "siteA",
        "case": "c1",
        "number": 1,
        "blind": True,
        "landmarks": [{"label": label, **landmark} for label in LANDMARK_NAMES],
        "imported": [],
        "calcification": False,
        "comment": "",
    }
    return {"reading": reading | changes, "folder": "readings/obs1/c1", "ct_file": "ct.nrrd"}


@pytest.fixture
def office() -> Office:
    office = Office()
    office.desk.open(STUDY, CASE)
    office.desk.shown(True)
    office.engine.answer(**opened_answer())
    return office


def test_seconds_count_for_the_landmark_at_hand_while_the_panel_is_seen(office: Office) -> None:
    office.now += 5
    office.desk.place("RCC", (1.0, 2.0, 3.0))
    office.engine.saved()
    office.now += 2
    office.desk.choose_next()
    office.engine.saved()
    office.now += 7
    office.desk.shown(False)
    office.engine.saved()
    office.now += 1000
    office.desk.shown(True)
    office.now += 3
    office.desk.place("LCC", (0.0, 0.0, 0.0))
    assert office.seconds() == dict.fromkeys(LANDMARK_NAMES, 0.0) | {"RCC": 7.0, "LCC": 10.0}
    office.engine.saved()
    office.now += 4
    office.desk.undo()
    assert office.seconds()["LCC"] == 14.0, "undo takes back a point, not the time that it took"


def test_one_save_at_a_time_and_the_newest_last(office: Office) -> None:
    for step in range(4):
        office.desk.place("RCC", (float(step), 0.0, 0.0))
    assert office.asked == ["open", "save"]
    office.engine.saved()
    assert office.asked == ["open", "save", "save"]
    assert office.engine.asked[-1][1]["landmarks"][0]["position_lps_mm"] == (3.0, 0.0, 0.0)
    assert not office.desk.is_saved
    office.engine.saved()
    assert office.desk.is_saved


def test_what_was_placed_survives_two_engines(office: Office) -> None:
    office.desk.place("RCC", (1.0, 0.0, 0.0))
    office.engine.die()
    assert len(office.engines) == 2
    office.desk.place("RCC", (2.0, 0.0, 0.0))
    office.engine.die()
    assert len(office.engines) == 2, "a second death in a row is not answered with a third engine"
    assert office.saves[-1].trouble == FULL
    assert office.desk.state is not None
    assert office.desk.state.positions_lps_mm == {"RCC": (2.0, 0.0, 0.0)}
    assert not office.desk.is_saved
    office.desk.save_again()
    office.engine.answer(**opened_answer())
    assert office.engine.asked[-1][1]["landmarks"][0]["position_lps_mm"] == (2.0, 0.0, 0.0)
    assert office.told.count("opened") == 1


def test_finishing_waits_for_the_save_and_nothing_changes_meanwhile(office: Office) -> None:
    with pytest.raises(NotAllowed, match="Still open: RCC"):
        office.desk.finish()
    for label in LANDMARK_NAMES:
        office.desk.place(label, (0.0, 0.0, 1.0))
    office.desk.finish()
    with pytest.raises(NotAllowed, match="being finished"):
        office.desk.place("RCC", (9.0, 9.0, 9.0))
    while office.asked[-1] != "finish":
        office.engine.saved()
    office.engine.fail(FULL)
    assert office.told[-1] == FULL.what
    office.desk.place("RCC", (9.0, 9.0, 9.0))
    office.engine.saved()
    office.desk.finish()
    office.engine.saved()
    assert office.engine.asked[-1][1]["landmarks"][0]["position_lps_mm"] == (9.0, 9.0, 9.0)
    office.engine.answer(saved_reading={})
    assert office.told[-2:] == ["finished", "closed"]
    assert office.desk.state is None


def test_exchanged_points_are_asked_about_before_a_reading_is_finished(office: Office) -> None:
    for label in LANDMARK_NAMES:
        office.desk.place(label, (0.0, 0.0, 1.0))
    while not office.desk.is_saved:
        office.engine.saved()
    office.desk.finish()
    office.engine.answer(saved_reading={"saved_utc": "2026-01-01T10:00:00Z"}, doubts=["MS1 lies below MS2."])
    assert "finish" not in office.asked
    assert office.views[-1].doubts == ("MS1 lies below MS2.",)
    office.desk.place("MS1", (0.0, 0.0, 5.0))
    assert office.views[-1].doubts == (), "asked anew, once it is to be finished"
    office.engine.answer(saved_reading={"saved_utc": "2026-01-01T10:00:00Z"}, doubts=["RCC is not LCC."])
    for _ in range(2):
        assert "finish" not in office.asked
        office.desk.finish()
        office.engine.answer(saved_reading={"saved_utc": "2026-01-01T10:00:00Z"}, doubts=["RCC is not LCC."])
    assert office.asked[-1] == "finish", "the observer has seen the question, and finished all the same"


def test_closing_saves_the_newest_even_while_a_save_is_under_way(office: Office) -> None:
    office.desk.place("RCC", (1.0, 0.0, 0.0))
    office.desk.place("RCC", (2.0, 0.0, 0.0))
    office.desk.close()
    assert office.engine.asked[-1][1]["landmarks"][0]["position_lps_mm"] == (2.0, 0.0, 0.0)


def test_a_reading_is_not_opened_again_while_it_is_still_being_written(office: Office) -> None:
    engine = office.engine
    office.desk.place("RCC", (1.0, 0.0, 0.0))
    office.desk.close()
    office.desk.open(STUDY, CASE)
    office.desk.list_cases(STUDY)
    office.desk.look()
    assert office.engine is engine, "no second engine yet"
    assert office.desk.is_at_work
    engine.is_gone = True
    office.desk.look()
    assert office.engine is not engine
    assert [what for what, _ in office.engine.asked] == ["open", "list"]


def test_undo_goes_to_the_landmark_that_it_changes(office: Office) -> None:
    office.desk.place("RCC", (1.0, 0.0, 0.0))
    office.desk.choose("MS1")
    office.desk.undo()
    assert (office.desk.current, office.views[-1].landmark.state) == ("RCC", "open")


def test_an_import_that_comes_after_the_end_changes_nothing(office: Office) -> None:
    for label in LANDMARK_NAMES:
        office.desk.place(label, (0.0, 0.0, 1.0))
    while not office.desk.is_saved:
        office.engine.saved()
    office.desk.import_points(Path("hps.mps"), ())
    office.desk.finish()
    office.engine.answer(imported={"RCC": [5.0, 5.0, 5.0]}, file="hps.mps", order=["RCC"], notes=[])
    assert office.desk.state is not None
    assert office.desk.state.positions_lps_mm["RCC"] == (0.0, 0.0, 1.0)


def test_a_landmark_that_cannot_be_determined_needs_a_reason(office: Office) -> None:
    with pytest.raises(NotAllowed, match="reason"):
        office.desk.undetermined("MS2", "  ")
    office.desk.undetermined("MS2", "Motion blurs it")
    assert office.views[-1].state.landmark("MS2").reason == "Motion blurs it"
    office.desk.place("MS2", (0.0, 0.0, 0.0))
    assert office.views[-1].state.landmark("MS2").reason == ""
