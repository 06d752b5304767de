"""``fedkd phantom``: synthetic contrast CTs with exact truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
) -> None:
    """Write cases: CT, landmarks, labels of calcification, heart and coronaries. Finished cases are skipped."""
    from fedkd.case.disk import make_output_folder
    from fedkd.phantom import Field, make_cases
    from fedkd.progress import ProgressEvent

    known = [kind.value for kind in Field]
    if field not in known:
        raise typer.BadParameter(f"choose one of {', '.join(known)}", param_hint="--field")

    def show(event: ProgressEvent) -> None:
        typer.echo(f"{event.fraction:4.0%} {event.message}")

    make_output_folder(out)
    folders = make_cases(out, cases, seed, Field(field), jobs, show)
    typer.echo(f"{len(folders)} cases in {out}")
