"""``fedkd model``: packages of trained networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make and look at model packages.")


@app.command()
def pack(
    localizer: Annotated[Path, typer.Argument(help="Folder of the localizer's training run.")],
    student: Annotated[Path, typer.Argument(help="Folder of the student's training run.")],
    output: Annotated[Path, typer.Option(help="Folder of the package.")],
    about: Annotated[Path, typer.Option(help="JSON file with model_id, license, intended_use, training and metrics.")],
) -> None:
    """Make a model package from two training runs (their averaged weights, as float16)."""
    from fedkd.training.pack import pack_runs

    card = pack_runs(localizer, student, output, about)
    typer.echo(f"Model {card.model_id}: {output}")


@app.command()
def inspect(
    path: Annotated[Path | None, typer.Argument(help="Folder of a package; default: the embedded model.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole description as JSON.")] = False,
) -> None:
    """Check a package (description, hashes, weights) and print what it is."""
    from fedkd.models import load_model

    loaded = load_model(path)
    if as_json:
        typer.echo(json.dumps({"sha256": loaded.sha256, **loaded.card.model_dump(mode="json")}, indent=2))
        return
    typer.echo(f"{loaded.model_id}, hash {loaded.sha256[:12]}. {loaded.card.notice}")
    for name, stage in (("localizer", loaded.card.localizer), ("student", loaded.card.student)):
        heads = ", ".join(stage.network.heads)
        size = f"{stage.patch_size} voxels of {stage.spacing_mm} mm"
        typer.echo(f"{name}: {stage.network.architecture}, heads {heads}, patches of {size}")
    typer.echo(loaded.card.intended_use)
