"""A case is finished by the engine alone with it: given up by the desk before, and back on it however that ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from doubles.review_engine import EngineFromMemory
from fedkd_slicer.panel.engine.case_run import Progress, RunListener
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.review.finishing import Finishing, FinishState
from fedkd_slicer.panel.review.state import NotAllowed


class RunByHand:
    """A run that goes on when a test says so."""

    def __init__(self, arguments: tuple[str, ...], listener: RunListener) -> None:
        self.arguments, self.listener = arguments, listener
        self.is_over = False
        self.was_closed = False

    def look(self) -> None: ...

    def cancel(self) -> None:
        self.listener.cancelled()

    def close(self) -> None:
        self.was_closed = True


class Bench:
    def __init__(self, folder: Path) -> None:
        self.engine = EngineFromMemory()
        self.desk = Desk(self.engine, lambda: "R7")
        self.states: list[FinishState] = []
        self.runs: list[RunByHand] = []
        self.desk_was_open: list[bool] = []
        self.finishing = Finishing(self.desk, self._start, self.states.append)
        self.case, self.ct = folder / "scan", folder / "ct.nii.gz"
        self.desk.open(self.case, self.ct)
        self.desk.look()

    def _start(self, arguments: tuple[str, ...], listener: RunListener) -> RunByHand:
        self.desk_was_open.append(self.desk.is_at_work)
        self.runs.append(RunByHand(arguments, listener))
        return self.runs[-1]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_engine_measures_the_case_as_reviewed(bench: Bench) -> None:
    bench.desk.set_calcium_threshold("850")
    bench.desk.look()
    bench.finishing.start()
    run = bench.runs[0]
    wanted = ("measure", "--ct", str(bench.ct), "--calcium-threshold", "850", str(bench.case))
    assert run.arguments == wanted
    assert bench.desk_was_open == [False], "nobody holds the case while its folder is replaced"
    run.listener.progressed(Progress("scan", "report", 0.7, "Writing the report"))
    assert (bench.states[-1].fraction, bench.states[-1].message) == (0.7, "Writing the report")
    with pytest.raises(NotAllowed):
        bench.finishing.start()
    run.listener.succeeded((bench.case,))
    bench.desk.look()
    assert bench.states[-1] == FinishState("scan", False, 1.0)
    assert bench.desk.case is not None
    assert (bench.desk.case.folder, bench.desk.ct) == (bench.case, bench.ct)


def test_what_was_done_last_is_saved_before(bench: Bench) -> None:
    bench.desk.comment("clear")
    bench.finishing.start()
    assert bench.runs == [], "the save is under way"
    assert bench.finishing.is_running
    bench.desk.look()
    bench.finishing.look()
    assert len(bench.runs) == 1
    assert bench.engine.saved[-1]["comment"] == "clear"


def test_a_review_that_cannot_be_saved_is_not_finished(bench: Bench) -> None:
    bench.engine.save_trouble = Trouble("There is no space left for the output.", "", "Free some space.")
    bench.desk.comment("clear")
    bench.finishing.start()
    bench.desk.look()
    bench.finishing.look()
    assert bench.runs == []
    assert bench.states[-1].trouble == bench.engine.save_trouble
    assert bench.desk.case is not None, "it stays open, with what could not be saved"


@pytest.mark.parametrize(
    "end",
    [
        lambda run: run.listener.failed(Trouble("The CT differs.", "ct", "Choose the right one.")),
        lambda run: run.cancel(),
    ],
)
def test_however_it_ends_the_case_is_on_the_desk_again(bench: Bench, end: Callable[[RunByHand], None]) -> None:
    bench.finishing.start()
    end(bench.runs[0])
    bench.desk.look()
    assert not bench.finishing.is_running
    assert bench.desk.case is not None
    assert bench.states[-1].trouble is not None or bench.states[-1].was_cancelled


def test_a_reader_who_went_on_to_another_case_keeps_that(bench: Bench) -> None:
    bench.finishing.start()
    other = bench.case.with_name("other")
    bench.desk.open(other, None)
    bench.desk.look()
    bench.runs[0].listener.succeeded((bench.case,))
    assert bench.desk.case is not None
    assert bench.desk.case.folder == other


def test_closing_the_panel_ends_the_run(bench: Bench) -> None:
    bench.finishing.start()
    bench.finishing.close()
    assert bench.runs[0].was_closed
    assert not bench.finishing.is_running


def test_without_a_case_there_is_nothing_to_finish(bench: Bench) -> None:
    bench.desk.close()
    with pytest.raises(NotAllowed, match="Open one first"):
        bench.finishing.start()
