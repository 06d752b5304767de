"""``fedkd model``: packages of trained networks."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fedkd.cli.model_calibrate import calibrate
from fedkd.cli.model_export import export

app = typer.Typer(no_args_is_help=True, help="Make, convert, add, export and look at models.")
app.command()(export)
app.command()(calibrate)


class NormalizationName(StrEnum):
    """Normalizations of the study, by the names that the engine knows them by."""

    STUDENT = "student"
    PAPER = "paper"
    UNET = "unet"


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


@app.command("pack-heads")
def pack_heads(
    run: Annotated[Path, typer.Argument(help="Folder of a run of `fedkd train --head-only` or `--fine-tune`.")],
    output: Annotated[Path, typer.Option(help="Folder of the package, or one file that ends in .zip.")],
    name: Annotated[str | None, typer.Option(help="Name of the model; default: its parent's with the heads'.")] = None,
) -> None:
    """Make a model package of the model that a run of heads began with, and these heads."""
    from fedkd.training.pack_heads import pack_heads as pack_run

    card = pack_run(run, output, name)
    typer.echo(f"Model {card.model_id}: {output}")


@app.command()
def inspect(
    model: Annotated[
        Path | None,
        typer.Argument(help="Package (folder or file), checkpoint of the study's code, or a name; default: embedded."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole description as JSON.")] = False,
) -> None:
    """Check a model (description, hashes, weights) and print what it is."""
    from fedkd.models import find_model, load_model
    from fedkd.models.summary import calibration_line, stage_facts, summary_of

    loaded = load_model(None if model is None else find_model(model))
    if as_json:
        typer.echo(json.dumps(summary_of(loaded), indent=2))
        return
    typer.echo(f"{loaded.model_id}, hash {loaded.sha256[:12]}. {loaded.card.notice}")
    for name, stage in (("localizer", loaded.card.localizer), ("student", loaded.card.student)):
        if stage is None:
            continue
        facts = stage_facts(stage)
        size = f"{stage.patch_size} voxels of {stage.spacing_mm} mm"
        condition = "" if stage.condition is None else ", with the heart's label map as second channel"
        typer.echo(
            f"{name}: {facts['architecture']}, feature size {facts['feature_size']}, "
            f"heads {', '.join(facts['heads'])}, patches of {size}{condition}"
        )
    typer.echo(calibration_line(loaded.card.calibration))
    typer.echo(loaded.card.intended_use)


@app.command()
def convert(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of the study's code (.pt, .pth).")],
    output: Annotated[Path, typer.Option(help="Folder of the package, or one file that ends in .zip.")],
    name: Annotated[str | None, typer.Option(help="Name of the model; default: the checkpoint's.")] = None,
    license_text: Annotated[str | None, typer.Option("--license", help="License of the weights.")] = None,
    normalization: Annotated[
        NormalizationName | None,
        typer.Option(help="How it was trained: student and unet are the code's, paper the paper's; default: by kind."),
    ] = None,
) -> None:
    """Make a model package (JSON and safetensors) from a checkpoint of the study's code."""
    from fedkd.models.convert import Naming, convert_checkpoint

    naming = Naming(name, license_text, None if normalization is None else normalization.value)
    card = convert_checkpoint(checkpoint, output, naming)
    typer.echo(f"Model {card.model_id}: {output}")


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Print the models at hand: the embedded one, which is the default, and those in your models folder."""
    from fedkd.models import known_models, user_models_folder

    models = known_models()
    if as_json:
        rows = [
            {
                "name": known.name,
                "model_id": None if known.card is None else known.card.model_id,
                "folder": str(known.folder),
                "default": known.is_default,
                "problem": known.problem,
            }
            for known in models
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    for known in models:
        what = known.problem if known.card is None else f"{known.card.model_id}, {known.card.procedure}"
        typer.echo(f"{known.name}{' (default)' if known.is_default else ''}: {what}")
    typer.echo(f"Your models folder: {user_models_folder()}")


@app.command()
def add(
    package: Annotated[Path, typer.Argument(help="Package: a folder or one file (.zip).")],
) -> None:
    """Check a package and copy it into your models folder; then --model takes its name."""
    from fedkd.models import add_model

    added = add_model(package)
    typer.echo(f"Model {added.name}: {added.folder}")
