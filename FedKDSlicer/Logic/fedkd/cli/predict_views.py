"""Three ways to show a run: bars for people, JSON lines for programs, only the result."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.layout import SUMMARY_FILE
from fedkd.cli.measurement_table import finding_texts, measurement_table
from fedkd.cohort.messages import (
    CaseResult,
    ErrorBody,
    ErrorLine,
    ProgressLine,
    ResultLine,
    RunError,
    RunResult,
)
from fedkd.cohort.signals import Stopped
from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import printable


class RunView:
    """Shows nothing while the run goes on, and tables at its end (``--progress none``)."""

    def __init__(self) -> None:
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing progress."""

    def progress(self, line: ProgressLine) -> None:
        """Show how far a case is."""

    def case_ended(self, result: CaseResult) -> None:
        """Show how a case ended."""

    def finished(self, output: Path, results: list[CaseResult]) -> None:
        """Show the results of a run that went well."""
        self._show_results(results)
        if (output / SUMMARY_FILE).is_file():
            self.out.print(f"Summary: {output / SUMMARY_FILE}", markup=False)

    def failed(self, error: FedkdError, results: list[CaseResult]) -> None:
        """Show what went well, what did not, and why."""
        self._show_results([result for result in results if result.error is None])
        if len(results) > 1:
            for result in results:
                if result.error is not None:
                    self._show_error(f"{result.case}: ", result.error)
        self._show_error("", ErrorBody.of(error))

    def _show_results(self, results: list[CaseResult]) -> None:
        if not results:
            return
        if len(results) == 1:
            self._show_points(results[0])
        else:
            self._show_overview(results)
        self.out.print(NOT_FOR_CLINICAL_USE, style="bold")

    def _show_points(self, result: CaseResult) -> None:
        table = Table(title=f"{escape(result.case)} (LPS mm)", title_justify="left")
        for column in ("point", "x", "y", "z", "confidence", "spread"):
            table.add_column(column, justify="left" if column == "point" else "right")
        for point in result.points:
            position = point.position_lps_mm
            numbers = ["not found", "", ""] if position is None else [f"{value:.1f}" for value in position]
            confidence = "" if point.confidence is None else str(point.judged)
            spread = "" if point.spread_mm is None else f"{point.spread_mm:.1f}"
            table.add_row(point.label, *numbers, confidence, spread)
        self.out.print(table)
        if result.measurements:
            self.out.print(measurement_table(result.measurements))
        for text in finding_texts(result.findings):
            self.out.print(f"  {printable(text)}", markup=False)
        for note in (result.message, *result.notes, str(result.folder)):
            self.out.print(f"  {printable(note)}", markup=False)

    def _show_overview(self, results: list[CaseResult]) -> None:
        table = Table()
        for column in ("case", "status", "points found", "lowest confidence", "remark"):
            table.add_column(column, overflow="fold")
        for result in results:
            found = [point for point in result.points if point.position_lps_mm is not None]
            confidences = [point.judged for point in found if point.judged is not None]
            table.add_row(
                escape(result.case),
                result.status,
                f"{len(found)} of {len(result.points)}",
                str(min(confidences, key=lambda one: one.value)) if confidences else "",
                escape(result.message),
            )
        self.out.print(table)
        self.out.print(f"Folders: {results[0].folder.parent}" if results[0].folder else "", markup=False)

    def _show_error(self, prefix: str, error: ErrorBody) -> None:
        self.err.print(f"{prefix}{error.what}", style="red", markup=False)
        self.err.print(f"  where: {error.where}\n  what to do: {error.what_to_do}", markup=False)


_MOST_ENDED_BARS = 10


class BarView(RunView):
    """A bar for each case in hand and the last ones that ended (``--progress rich``); the table at the end has all."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = Progress(
            TextColumn("{task.fields[case]}", markup=False, table_column=Column(no_wrap=True, min_width=16)),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=self.err,
        )
        self._tasks: dict[str, TaskID] = {}
        self._ended: list[str] = []

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progress(self, line: ProgressLine) -> None:
        self._bars.update(self._task(line.case), completed=line.fraction, description=line.message)

    def case_ended(self, result: CaseResult) -> None:
        task = self._task(result.case)
        if result.error is None:
            self._bars.update(task, completed=1.0, description=result.status)
        else:
            self._bars.update(task, description=f"failed: {result.message}")
        self._bars.stop_task(task)
        self._ended.append(result.case)
        if len(self._ended) > _MOST_ENDED_BARS:
            self._bars.remove_task(self._tasks.pop(self._ended.pop(0)))

    def _task(self, case: str) -> TaskID:
        if case not in self._tasks:
            self._tasks[case] = self._bars.add_task("", total=1.0, case=case)
        return self._tasks[case]


class JsonView(RunView):
    """One JSON object a line on stdout, in UTF-8, nothing else (``--progress json``)."""

    def __init__(self) -> None:
        super().__init__()
        if isinstance(sys.stdout, io.TextIOWrapper):  # on Windows a pipe has another encoding
            sys.stdout.reconfigure(encoding="utf-8")

    def progress(self, line: ProgressLine) -> None:
        self._write(line.line())

    def case_ended(self, result: CaseResult) -> None:
        ended = ProgressLine(case=result.case, stage=result.status, fraction=1.0, message=result.message)
        self._write(ended.line())

    def finished(self, output: Path, results: list[CaseResult]) -> None:
        summary = output / SUMMARY_FILE
        result = RunResult(output=output, summary=summary if summary.is_file() else None, cases=tuple(results))
        self._write(ResultLine(result=result).line())

    def failed(self, error: FedkdError, results: list[CaseResult]) -> None:
        body = RunError(**ErrorBody.of(error).model_dump(), cases=tuple(results))
        self._write(ErrorLine(error=body).line())

    def _write(self, line: str) -> None:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError as error:
            # Whoever listened is gone: stop, and let the interpreter's own last flush go nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise Stopped(ExitCode.TERMINATED) from error


def view_for(style: str) -> RunView:
    """Return the view for ``rich``, ``json`` or ``none``."""
    views: dict[str, type[RunView]] = {"rich": BarView, "json": JsonView, "none": RunView}
    return views[style]()
