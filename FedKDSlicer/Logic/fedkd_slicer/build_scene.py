"""Make ``scene.mrb`` and ``views/*.png`` of one case, as a process of its own.

``python -m fedkd_slicer.build_scene CASE_FOLDER --ct CT_FILE [--progress json|none]``

With ``--progress json`` every line of standard output is one JSON object: ``stage``, ``fraction``, ``message``;
last ``result`` (names of the files made, relative to the case folder) or ``error``. Exit codes: ``fedkd.errors``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.case.layout import SCENE_FILE, VIEWS_FOLDER
from fedkd.cohort.messages import ErrorBody
from fedkd.cohort.signals import Stopped, stop_on_signals
from fedkd.errors import ExitCode, FedkdError
from fedkd.progress import ProgressEvent, Report, part_of

_PARTIAL_PREFIX = ".scene-partial-"
Write = Callable[[dict[str, object]], None]


def build_scene(case_folder: Path, ct_file: Path, report: Report, window_class: str | None = None) -> tuple[str, ...]:
    """Write scene and views into the case folder, all or none; return their names relative to it.

    Args:
        case_folder: gets them.
        ct_file: the CT as one file.
        report: is told of the progress.
        window_class: of VTK, known to draw here; None: not known yet.

    Raises:
        FedkdError: a file of the case is missing or damaged, Slicer's core or OpenGL is missing,
            or the folder cannot be written.
    """
    with _partial_folder(case_folder) as partial:
        names = _make(case_folder, ct_file, partial, report, window_class)
        _publish(partial, case_folder)
    report(ProgressEvent("scene", 1.0, "Scene and views are ready"))
    return names


def main(arguments: Sequence[str] | None = None, window_class: str | None = None) -> int:
    """Run the command line; return the exit code. ``window_class``: as of `build_scene`."""
    options = _parser().parse_args(arguments)
    write = _write_json_line if options.progress == "json" else _write_nothing
    try:
        with stop_on_signals():
            folder, ct_file = options.case_folder.resolve(), options.ct.resolve()
            names = build_scene(folder, ct_file, lambda event: write(asdict(event)), window_class)
    except FedkdError as error:
        return _fail(error, write)
    except Stopped as stopped:
        return _fail(stopped.as_error(options.case_folder), write)
    except OSError as error:
        return _fail(writing_error(options.case_folder, error), write)
    write({"result": {"files": names}})
    return ExitCode.OK


def _make(case_folder: Path, ct_file: Path, partial: Path, report: Report, window_class: str | None) -> tuple[str, ...]:
    report(ProgressEvent("scene", 0.0, "Starting Slicer's core"))
    # Here and not above: a missing core is an error to report, and loading it takes a second.
    from fedkd_slicer.case_results import read_case_results
    from fedkd_slicer.core_without_application import start_core
    from fedkd_slicer.offscreen_views import Stage
    from fedkd_slicer.opengl_probe import drawing_window_class
    from fedkd_slicer.render_views import render_views
    from fedkd_slicer.review_layout import arrange_for_review
    from fedkd_slicer.scene_file import write_scene_file
    from fedkd_slicer.scene_from_case import add_case_to_scene

    window_class = window_class or drawing_window_class()
    scratch = partial / "scratch"
    scratch.mkdir()
    core = start_core(scratch)
    case = read_case_results(case_folder, ct_file)
    report(ProgressEvent("scene", 0.1, "Loading the CT and the results"))
    nodes = add_case_to_scene(core.scene, case)
    arrange_for_review(core.scene, nodes, case.positions_ras_mm)
    views = partial / VIEWS_FOLDER
    views.mkdir()
    stage = Stage(core.application_logic, window_class)
    pictures = render_views(stage, case, nodes, views, part_of(report, 0.2, 0.6))
    report(ProgressEvent("scene", 0.6, "Writing the scene"))
    write_scene_file(core.scene, nodes, partial / SCENE_FILE)
    return (SCENE_FILE, *(f"{VIEWS_FOLDER}/{picture.name}" for picture in pictures))


@contextmanager
def _partial_folder(case_folder: Path) -> Iterator[Path]:
    if not case_folder.is_dir():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "There is no such case folder.",
            where=case_folder,
            what_to_do="Give the folder that 'fedkd predict' wrote.",
        )
    for left_behind in case_folder.glob(f"{_PARTIAL_PREFIX}*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL_PREFIX, dir=case_folder))
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, case_folder: Path) -> None:
    views = case_folder / VIEWS_FOLDER
    if views.exists():
        # A folder with content cannot be replaced in one step; the old one goes where it will be cleared away.
        os.replace(views, partial / "replaced-views")
    os.replace(partial / VIEWS_FOLDER, views)
    os.replace(partial / SCENE_FILE, case_folder / SCENE_FILE)


def _fail(error: FedkdError, write: Write) -> int:
    write({"error": ErrorBody.of(error).model_dump()})
    print(error, file=sys.stderr)
    return error.code


def _write_json_line(content: dict[str, object]) -> None:
    print(json.dumps(content), flush=True)


def _write_nothing(content: dict[str, object]) -> None:
    """Keep standard output empty."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fedkd_slicer.build_scene", description=__doc__.split("\n")[0])
    parser.add_argument("case_folder", type=Path, metavar="CASE_FOLDER", help="folder that 'fedkd predict' wrote")
    parser.add_argument("--ct", type=Path, required=True, metavar="CT_FILE", help="the case's CT: NRRD, NIfTI or MHA")
    parser.add_argument("--progress", choices=("json", "none"), default="none", help="what to print")
    return parser


if __name__ == "__main__":
    sys.exit(main())
