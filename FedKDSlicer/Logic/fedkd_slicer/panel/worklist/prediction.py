"""A prediction of one CT or many, from its start to its end, with what there is to show of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedkd_slicer.panel.engine.case_run import CaseRun, Progress, TimeLeft
from fedkd_slicer.panel.engine.python_choice import EnginePython
from fedkd_slicer.panel.engine.question import Question
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.worklist.case_lines import CaseLines, CaseOrigin


@dataclass(frozen=True)
class Order:
    """What is to be predicted.

    Args:
        inputs: absolute paths, which no option can be mistaken for.
        output: gets a folder for each case; without links in it, as the engine names it.
        model: name or folder; empty: the one that comes with the extension.
        device: auto, cpu or cuda.
        backend: auto, torch or openvino.
        volume_id: the volume of the scene that the only input is a copy of.
    """

    inputs: tuple[Path, ...]
    output: Path
    model: str = ""
    device: str = "auto"
    backend: str = "auto"
    volume_id: str = ""

    def arguments(self) -> tuple[str, ...]:
        """Return the arguments of ``fedkd``."""
        model = ("--model", self.model) if self.model else ()
        where = ("--output", str(self.output), "--device", self.device, "--backend", self.backend)
        return ("predict", *map(str, self.inputs), *where, *model)


@dataclass(frozen=True)
class HowFar:
    """How far the run as a whole is: ``fraction`` 0 to 1; ``seconds_left`` is None while it cannot be said."""

    fraction: float
    ended: int
    cases: int
    case: str = ""
    message: str = ""
    seconds_left: float | None = None


class Watcher(Protocol):
    """Is told how a prediction goes."""

    def cases_changed(self) -> None:
        """The state of a case is another."""
        ...

    def went_on(self, how_far: HowFar) -> None:
        """It is further."""
        ...

    def case_finished(self, folder: Path) -> None:
        """A case can be reviewed."""
        ...

    def ended(self, trouble: Trouble | None, cancelled: bool) -> None:
        """There is nothing more to come."""
        ...


class Prediction:
    """At most one run at a time, and the cases of the results folder.

    First the engine is asked which cases there will be, then it predicts them.

    Args:
        watcher: is told.
    """

    def __init__(self, watcher: Watcher) -> None:
        self.cases = CaseLines()
        self._watcher = watcher
        self._python: EnginePython | None = None
        self._order: Order | None = None
        self._question: Question | None = None
        self._run: CaseRun | None = None
        self._time_left = TimeLeft(1)
        self._fractions: dict[str, float] = {}
        self._ended: set[str] = set()

    @property
    def is_running(self) -> bool:
        """True from `start` to the watcher's ``ended``."""
        return self._order is not None

    def start(self, python: EnginePython, order: Order) -> None:
        """Begin; the watcher hears of all that follows, failures included."""
        self._python, self._order = python, order
        self.cases.look_into(order.output)
        self.cases.forget_unfinished()
        asked = Question(python, ("inputs", *map(str, order.inputs)), self._inputs_told, self.failed)
        if not asked.is_over:
            self._question = asked

    def look(self) -> None:
        """Hear how it goes."""
        if self._question is not None:
            self._question.look()
        elif self._run is not None:
            self._run.look()

    def cancel(self) -> None:
        """Stop; the watcher hears when it has stopped. Finished cases stay."""
        if self._run is not None:
            self._run.cancel()
        elif self.is_running:
            self._close_question()
            self.cancelled()

    def close(self) -> None:
        """Stop at once, without a word: the panel goes away."""
        self._order = None
        self._close_question()
        run, self._run = self._run, None
        if run is not None:
            run.close()

    def _inputs_told(self, answer: str) -> None:
        order, python = self._order, self._python
        assert order is not None and python is not None  # noqa: PT018
        self._question = None
        told = json.loads(answer)["result"]["cases"]
        for one in told:
            self.cases.expect(order.output / one["case"], CaseOrigin(Path(one["ct"]), order.volume_id))
        self._fractions = {one["case"]: 0.0 for one in told}
        self._ended = set()
        self._time_left = TimeLeft(len(told))
        self._watcher.cases_changed()
        run = CaseRun(python, order.arguments(), self)
        if not run.is_over:
            self._run = run

    def _close_question(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.close()

    # ---- as a RunListener

    def progressed(self, progress: Progress) -> None:
        """Note how far a case is."""
        assert self._order is not None
        folder = self._order.output / progress.case
        self.cases.progressed(folder, progress)
        self._fractions[progress.case] = 1.0 if progress.has_ended else progress.fraction
        if progress.has_ended:
            self._ended.add(progress.case)
        self._watcher.cases_changed()
        self._watcher.went_on(
            HowFar(
                fraction=sum(self._fractions.values()) / len(self._fractions),
                ended=len(self._ended),
                cases=len(self._fractions),
                case=progress.case,
                message=progress.message,
                seconds_left=self._time_left.seconds(progress),
            )
        )
        if progress.has_ended and progress.stage != "failed":
            self._watcher.case_finished(folder)

    def case_failed(self, case: str, trouble: Trouble) -> None:
        """Note why a case failed."""
        assert self._order is not None
        self.cases.failed(self._order.output / case, trouble)

    def succeeded(self, case_folders: tuple[Path, ...]) -> None:
        """All went well."""
        self._end(None, cancelled=False)

    def failed(self, trouble: Trouble) -> None:
        """The run failed, or some of its cases."""
        self._end(trouble, cancelled=False)

    def cancelled(self) -> None:
        """It was stopped."""
        self._end(None, cancelled=True)

    def _end(self, trouble: Trouble | None, *, cancelled: bool) -> None:
        self._order = self._run = self._question = None
        self.cases.stopped()
        self._watcher.cases_changed()
        self._watcher.ended(trouble, cancelled)
