"""``fedkd phantom``: synthetic contrast CTs with exact truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fedkd.cli.predict import ProgressStyle
from fedkd.progress import ProgressEvent

app = typer.Typer(name="phantom", help="Make synthetic contrast CTs with exact truth.", no_args_is_help=True)

Fields = "clinical (as a user brings it), root (1 mm around the root), wide (4 mm trunk), abdomen (4 mm, no heart)"


@app.callback()
def _phantom() -> None:
    """Keep ``make`` a command of its own while it is the only one."""


@app.command()
def make(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the cases, one subfolder each.")],
    cases: Annotated[int, typer.Option(help="Number of cases.", min=1, max=100_000)] = 1,
    seed: Annotated[int, typer.Option(help="Runs with different seeds share no patient.", min=0)] = 0,
    field: Annotated[str, typer.Option(help=Fields)] = "clinical",
    jobs: Annotated[int, typer.Option(help="Processes at work.", min=1)] = 1,
    progress: Annotated[
        ProgressStyle, typer.Option(help="rich: a line for each case; json: one JSON object a line; none: the end.")
    ] = ProgressStyle.RICH,
) -> None:
    """Write cases: CT, landmarks, labels of calcification, heart and coronaries. Finished cases are skipped."""
    from fedkd.case.disk import make_output_folder
    from fedkd.phantom import Field, make_cases

    known = [kind.value for kind in Field]
    if field not in known:
        raise typer.BadParameter(f"choose one of {', '.join(known)}", param_hint="--field")

    teller = _TELLERS[progress]()
    make_output_folder(out)
    folders = make_cases(out, cases, seed, Field(field), jobs, teller.show)
    teller.end(out, folders)


class _Quiet:
    def show(self, event: ProgressEvent) -> None:
        """Say nothing while it goes on."""

    def end(self, out: Path, folders: list[Path]) -> None:
        typer.echo(f"{len(folders)} cases in {out}")


class _Lines(_Quiet):
    def show(self, event: ProgressEvent) -> None:
        typer.echo(f"{event.fraction:4.0%} {event.message}")


class _JsonLines(_Quiet):
    def show(self, event: ProgressEvent) -> None:
        self._say({"case": event.message, "stage": event.stage, "fraction": event.fraction, "message": "Made"})

    def end(self, out: Path, folders: list[Path]) -> None:
        cases = [{"case": folder.name, "folder": str(folder.absolute())} for folder in folders]
        self._say({"result": {"output": str(out.absolute()), "cases": cases}})

    @staticmethod
    def _say(line: dict[str, Any]) -> None:
        typer.echo(json.dumps(line))


_TELLERS: dict[ProgressStyle, type[_Quiet]] = {
    ProgressStyle.RICH: _Lines,
    ProgressStyle.JSON: _JsonLines,
    ProgressStyle.NONE: _Quiet,
}
