"""``fedkd measure``: measure a case again after a correction, or a CT with landmarks from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedkd.cli.calcium_threshold import parse_threshold
from fedkd.cli.predict import ProgressStyle
from fedkd.errors import ExitCode, FedkdError

if TYPE_CHECKING:
    from fedkd.cohort.messages import CaseResult


def measure(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(metavar="CASE|CT", help="Folder of a case; or, with --landmarks, a CT file or folder.")
    ],
    ct: Annotated[
        Path | None, typer.Option("--ct", metavar="FILE", help="The case's CT; default: the one in its scene.")
    ] = None,
    landmarks: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help=".mrk.json, .fcsv, .csv or .mps; may be given twice (hps.mps, ms.mps)."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="With --landmarks: gets the folder of the case; default: fedkd-results.")
    ] = None,
    series: Annotated[
        str | None, typer.Option(help="With --landmarks: Series Instance UID, where a DICOM folder holds several.")
    ] = None,
    calcium_threshold: Annotated[
        str | None,
        typer.Option(help="From what HU on a voxel may be calcium; default: as the case had it, else lumen+100."),
    ] = None,
    progress: Annotated[
        ProgressStyle, typer.Option(help="rich: a bar; json: one JSON object a line; none: only the result.")
    ] = ProgressStyle.RICH,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="With --landmarks: replace a case there.")] = False,
) -> None:
    """Measure annulus, root, coronary heights, septum, C-arm angles and calcium.

    "fedkd measure CASE" measures a case folder again, with landmarks.mrk.json and calcification.seg.nrrd as they are
    now, and renews measurements, scene, views, report and provenance. "fedkd measure CT --landmarks FILE --output DIR"
    makes a case of a CT and landmarks that were placed elsewhere; nothing is predicted.

    What cannot be measured has a reason. "fedkd exit-codes" lists all codes. Not for clinical use.
    """
    from fedkd.cli.predict_views import view_for
    from fedkd.cohort.making import Makers
    from fedkd.cohort.measure_command import MeasureCommand
    from fedkd.cohort.measure_run import PlacedByHand
    from fedkd.cohort.signals import Stopped, stop_on_signals

    view = view_for(progress.value)
    results: list[CaseResult] = []
    try:
        with stop_on_signals(), view:
            threshold = None if calcium_threshold is None else parse_threshold(calcium_threshold)
            # Tests bring makers of their own, as the application's obj.
            makers = context.obj if isinstance(context.obj, Makers) else Makers()
            command = MeasureCommand(threshold, view.progress, makers)
            if landmarks:
                _refuse({"--ct": ct}, "a case folder")
                source = PlacedByHand(target, series, tuple(landmarks), overwrite)
                results.append(command.by_hand(source, output or Path("fedkd-results")))
            else:
                _refuse({"--output": output, "--series": series, "--overwrite": overwrite or None}, "--landmarks")
                results.append(command.again(target, ct))
            view.case_ended(results[0])
    except Stopped as stop:
        error = stop.as_error(target)
    except FedkdError as failure:
        error = failure
    else:
        assert results[0].folder is not None
        view.finished(results[0].folder.parent, results)
        return
    view.failed(error, [])
    raise typer.Exit(int(error.code))


def _refuse(given: dict[str, object], only_with: str) -> None:
    wrong = [option for option, value in given.items() if value is not None]
    if wrong:
        raise FedkdError(
            ExitCode.USAGE,
            f"{' and '.join(wrong)} can only go with {only_with}.",
            where="the command line",
            what_to_do="See fedkd measure --help.",
        )
