"""``fedkd predict``: CTs go in, case folders come out."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedkd.errors import ExitCode, FedkdError

if TYPE_CHECKING:
    from fedkd.cli.predict_views import RunView
    from fedkd.cohort.messages import CaseRequest, CaseResult, RunRequest


class Device(StrEnum):
    """Where the network runs; auto takes a GPU when there is one."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class ProgressStyle(StrEnum):
    """How progress is shown."""

    RICH = "rich"
    JSON = "json"
    NONE = "none"


def predict(
    context: typer.Context,
    ct: Annotated[
        list[Path], typer.Argument(help="NIfTI, NRRD or MHA files, folders with one DICOM series, or a folder of such.")
    ],
    output: Annotated[Path, typer.Option(help="Gets one folder a case, and summary.csv.")] = Path("fedkd-results"),
    model: Annotated[Path | None, typer.Option(help="Folder of a model package; default: the embedded one.")] = None,
    heart_mask: Annotated[
        Path | None, typer.Option(help="Mask of the heart on any grid; spares the search for it. Single CT only.")
    ] = None,
    series: Annotated[
        str | None, typer.Option(help="Series Instance UID, where a DICOM folder holds several. Single CT only.")
    ] = None,
    device: Annotated[Device, typer.Option(help="Where the network runs.")] = Device.AUTO,
    progress: Annotated[
        ProgressStyle, typer.Option(help="rich: bars; json: one JSON object a line; none: only the result.")
    ] = ProgressStyle.RICH,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Make cases again that are there already.")] = False,
) -> None:
    """Predict landmarks and calcification on contrast CTs.

    Each CT becomes a folder in OUTPUT with landmarks.mrk.json, point sets for MITK, calcification.seg.nrrd, a scene
    for 3D Slicer, views and provenance.json. Cases that are finished already are skipped.

    One CT that fails ends the command with its error's exit code; of several CTs the others go on, and the code is 18.
    "fedkd exit-codes" lists all codes. Not for clinical use.
    """
    from fedkd.cli.predict_views import view_for
    from fedkd.cohort.messages import RunRequest

    view = view_for(progress.value)
    try:
        only_one = {"--heart-mask": heart_mask is not None, "--series": series is not None}
        request = RunRequest(
            output=output.absolute(),
            run_token=secrets.token_hex(6),
            cases=_find_cases(ct, tuple(option for option, given in only_one.items() if given)),
            model=model,
            heart_mask=_existing(heart_mask),
            series_uid=series,
            device=device.value,
            overwrite=overwrite,
        )
        results, error = _run(request, view, context.obj)
    except FedkdError as failure:
        results, error = [], failure
    if error is None:
        view.finished(request.output, results)
        return
    view.failed(error, results)
    raise typer.Exit(int(error.code))


def _find_cases(paths: list[Path], only_for_one: tuple[str, ...]) -> tuple[CaseRequest, ...]:
    from fedkd.cohort.messages import CaseRequest
    from fedkd.volumes import list_ct_inputs

    cases = tuple(CaseRequest(case_id=found.case_id, path=found.path.absolute()) for found in list_ct_inputs(paths))
    if len(cases) > 1 and only_for_one:
        raise FedkdError(
            ExitCode.USAGE,
            f"{' and '.join(only_for_one)} can only go with a single CT.",
            where=f"{len(cases)} CTs",
            what_to_do="Run the command once for each CT.",
        )
    return cases


def _existing(heart_mask: Path | None) -> Path | None:
    if heart_mask is not None and not heart_mask.exists():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, "There is no such heart mask.", where=heart_mask, what_to_do="Check the path."
        )
    return None if heart_mask is None else heart_mask.absolute()


def _run(
    request: RunRequest, view: RunView, worker_command: tuple[str, ...] | None
) -> tuple[list[CaseResult], FedkdError | None]:
    """Return how the cases ended and, unless all went well, the error of the run.

    ``worker_command`` is for tests, which pass it as the application's ``obj``; None is the real worker.
    """
    from fedkd.cohort.signals import Stopped
    from fedkd.cohort.supervisor import Supervisor, error_of_run
    from fedkd.cohort.worker_process import WORKER_COMMAND

    supervisor = Supervisor(request, view, worker_command or WORKER_COMMAND)
    try:
        with view:
            supervisor.run()
    except Stopped as stop:
        return supervisor.results, stop.as_error(request.output)
    except FedkdError as error:
        return supervisor.results, error
    return supervisor.results, error_of_run(supervisor.results, request.output)
