"""One case measured from beginning to end: its place, its row in summary.csv, and errors that users can act on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedkd.case.disk import make_output_folder
from fedkd.case.folder import clear_away_dead_runs
from fedkd.case.layout import CasePlace
from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.finished import not_a_case_folder
from fedkd.cohort.making import Makers
from fedkd.cohort.measure_run import MeasureRun, PlacedByHand
from fedkd.cohort.messages import CaseResult, ProgressLine
from fedkd.cohort.summary import has_summary, require_own_summary, update_summary
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import list_ct_inputs


@dataclass(frozen=True)
class MeasureCommand:
    """What is the same for both ways to measure.

    Args:
        threshold: of calcium; None: as the case was measured before, else the default.
        progress: is told how far the case is.
        makers: make scene, views and report.
    """

    threshold: CalciumThreshold | None
    progress: Callable[[ProgressLine], None]
    makers: Makers

    def again(self, case_folder: Path, ct: Path | None) -> CaseResult:
        """Measure a case folder again, with its CT or the one in its scene.

        Raises:
            FedkdError: whatever ended it, with what the user can do about it.
        """
        # Where it really is: a link to a case stays a link, and both names share one lock.
        folder = case_folder.resolve()
        if not folder.is_dir():
            raise not_a_case_folder(case_folder)
        result = self._run(_place(folder.parent, folder.name), lambda run: run.again(ct))
        if has_summary(folder.parent):
            update_summary(folder.parent, result)
        return result

    def by_hand(self, source: PlacedByHand, output: Path) -> CaseResult:
        """Measure a CT with landmarks from files, and make a case of it in ``output``.

        Raises:
            FedkdError: whatever ended it, with what the user can do about it.
        """
        cts = list_ct_inputs([source.ct])
        if len(cts) > 1:
            raise FedkdError(
                ExitCode.USAGE,
                f"There are {len(cts)} CTs, and the landmarks belong to one.",
                where=source.ct,
                what_to_do="Name one CT.",
            )
        output = output.absolute()
        make_output_folder(output)
        require_own_summary(output)
        result = self._run(_place(output, cts[0].case_id), lambda run: run.by_hand(source))
        update_summary(output, result)
        return result

    def _run(self, place: CasePlace, work: Callable[[MeasureRun], CaseResult]) -> CaseResult:
        start = time.monotonic()
        clear_away_dead_runs(place.output)
        run = MeasureRun(place, self.threshold, self._reporter(place.case_id), self.makers)
        try:
            result = work(run)
        except Exception as error:
            raise as_fedkd_error(error, place.output, place.error_log) from error
        return result.model_copy(update={"seconds": round(time.monotonic() - start, 2)})

    def _reporter(self, case_id: str) -> Report:
        def report(event: ProgressEvent) -> None:
            fraction = min(max(event.fraction, 0.0), 1.0)
            self.progress(ProgressLine(case=case_id, stage=event.stage, fraction=fraction, message=event.message))

        return report


def _place(output: Path, case_id: str) -> CasePlace:
    return CasePlace(output, case_id, secrets.token_hex(6))
