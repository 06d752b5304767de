"""``fedkd predict``: CTs go in, case folders come out."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedkd.cli.calcium_threshold import DEFAULT_THRESHOLD, parse_threshold
from fedkd.errors import ExitCode, FedkdError
from fedkd.passes import Passes

if TYPE_CHECKING:
    from fedkd.cohort.messages import CaseRequest, CaseResult


class Device(StrEnum):
    """Where the network runs; auto takes a GPU when there is one."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Backend(StrEnum):
    """What runs the network; auto takes OpenVINO on a processor, where it is installed, and PyTorch elsewhere."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"


class ProgressStyle(StrEnum):
    """How progress is shown."""

    RICH = "rich"
    JSON = "json"
    NONE = "none"


def predict(
    context: typer.Context,
    ct: Annotated[
        list[Path],
        typer.Argument(
            help="NIfTI, NRRD or MHA files, folders with one DICOM series, a folder of such, or a CSV file that names"
            ' them in a column "ct".'
        ),
    ],
    output: Annotated[Path, typer.Option(help="Gets one folder a case, and summary.csv.")] = Path("fedkd-results"),
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model package, checkpoint of the study's code, or a name that fedkd model list shows."
            " Given several times, the models vote on each landmark."
        ),
    ] = None,
    passes: Annotated[
        Passes,
        typer.Option(
            help="How often a model looks. quick: once, without a spread. standard: packages five times, models of the"
            " study once. shifted: five times. mirrored: eight mirror images, for nnU-Net's networks only."
        ),
    ] = Passes.STANDARD,
    heart_mask: Annotated[
        Path | None, typer.Option(help="Mask of the heart on any grid; spares the search for it. Single CT only.")
    ] = None,
    heart_labels: Annotated[
        Path | None,
        typer.Option(help="Label map of the heart's parts, for models of the study that want one. Single CT only."),
    ] = None,
    heart_labels_map: Annotated[
        str, typer.Option(help="Its labels where they are not 0 to 7: 51=aorta,44=myocardium ...")
    ] = "",
    fast: Annotated[
        bool, typer.Option("--fast", help="Models of the study: look around the aortic root only, not at 192 mm.")
    ] = False,
    series: Annotated[
        str | None, typer.Option(help="Series Instance UID, where a DICOM folder holds several. Single CT only.")
    ] = None,
    device: Annotated[Device, typer.Option(help="Where the network runs.")] = Device.AUTO,
    backend: Annotated[
        Backend, typer.Option(help="What runs the network; auto: OpenVINO on a processor that has it, else PyTorch.")
    ] = Backend.AUTO,
    progress: Annotated[
        ProgressStyle, typer.Option(help="rich: bars; json: one JSON object a line; none: only the result.")
    ] = ProgressStyle.RICH,
    calcium_threshold: Annotated[
        str, typer.Option(help="From what HU on a voxel may be calcium: 850, 450 ..., or the blood's mean + 100.")
    ] = DEFAULT_THRESHOLD,
    shard: Annotated[
        str | None, typer.Option(help="Do one part of the cases, such as 3/16: for computers that share a cohort.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Make cases again that are there already.")] = False,
) -> None:
    """Predict landmarks and calcification on contrast CTs, and measure the aortic root.

    Each CT becomes a folder in OUTPUT with landmarks.mrk.json, point sets for MITK, calcification.seg.nrrd,
    measurements, a report, a scene for 3D Slicer, views and provenance.json; for DICOM also results as DICOM. Cases
    that are finished already are skipped.

    One CT that fails ends the command with its error's exit code; of several CTs the others go on, and the code is 18.
    "fedkd exit-codes" lists all codes. Not for clinical use.
    """
    from fedkd.cli.predict_views import view_for
    from fedkd.cohort.messages import RunRequest
    from fedkd.cohort.shard import Shard
    from fedkd.cohort.signals import Stopped, stop_on_signals
    from fedkd.cohort.supervisor import Supervisor, error_of_run
    from fedkd.cohort.worker_process import WORKER_COMMAND, WorkerProcess

    view = view_for(progress.value)
    results: list[CaseResult] = []
    output = output.absolute()
    # Tests bring a worker with a predictor of their own, as the application's obj.
    command = context.obj or WORKER_COMMAND
    only_for_one = {"--heart-mask": heart_mask, "--heart-labels": heart_labels, "--series": series}
    try:
        # To look for CTs takes libraries, too: the worker loads its own meanwhile.
        with stop_on_signals(), view, WorkerProcess(command) as worker:
            part = None if shard is None else Shard.parse(shard)
            cases = _find_cases(ct, tuple(option for option, value in only_for_one.items() if value is not None))
            request = RunRequest(
                output=_speakable(output),
                run_token=secrets.token_hex(6),
                cases=cases if part is None else part.of(cases),
                shard=None if part is None else str(part),
                models=tuple(_path_or_name(one) for one in model or ()),
                passes=passes,
                heart_mask=None if heart_mask is None else _existing(heart_mask),
                heart_labels=None if heart_labels is None else _existing(heart_labels),
                heart_labels_map=heart_labels_map,
                fast=fast,
                series_uid=series,
                device=device.value,
                backend=backend.value,
                calcium_threshold=parse_threshold(calcium_threshold).value,
                overwrite=overwrite,
            )
            Supervisor(request, view, command, results, worker).run()
        error = error_of_run(results, output)
    except Stopped as stop:
        error = stop.as_error(output)
    except FedkdError as failure:
        error = failure
    if error is None:
        view.finished(output, results)
        return
    view.failed(error, results)
    raise typer.Exit(int(error.code))


def _find_cases(paths: list[Path], only_for_one: tuple[str, ...]) -> tuple[CaseRequest, ...]:
    from fedkd.cohort.messages import CaseRequest
    from fedkd.volumes import list_ct_inputs

    cases = tuple(CaseRequest(case_id=ct.case_id, path=_speakable(ct.path)) for ct in list_ct_inputs(paths))
    if len(cases) > 1 and only_for_one:
        raise FedkdError(
            ExitCode.USAGE,
            f"{' and '.join(only_for_one)} can only go with a single CT.",
            where=f"{len(cases)} CTs",
            what_to_do="Run the command once for each CT.",
        )
    return cases


def _path_or_name(model: Path) -> Path:
    """Return the absolute path, or the bare name of a model in the user's folder."""
    absolute = _speakable(model)
    return model if len(model.parts) == 1 and not model.exists() else absolute


def _existing(mask: Path) -> Path:
    if not mask.is_file():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "There is no such file with a heart mask or labels.",
            where=mask,
            what_to_do="Check the path.",
        )
    return _speakable(mask)


def _speakable(path: Path) -> Path:
    """Return the absolute path, which must be text to be told to another process and to be shown."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise FedkdError(
            ExitCode.USAGE,
            "A file's or folder's name holds bytes that are no text.",
            where=ascii(str(path)),
            what_to_do="Rename it.",
        ) from error
    return path.absolute()
