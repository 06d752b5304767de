"""``fedkd train``: any of the networks, any heads, on a folder of cases."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

Recipes = "a JSON file, or one of the built-in recipes: student, localizer, teacher, unetr"


def train(
    cases: Annotated[Path, typer.Argument(help="Folder with one subfolder per case (see `fedkd phantom make`).")],
    output: Annotated[Path, typer.Option(help="Folder of the run; an earlier run in it goes on.")],
    recipe: Annotated[str, typer.Option(help=f"What to train: {Recipes}.")] = "student",
    start_from: Annotated[
        Path | None, typer.Option(help="Start from the weights of this model package instead of random ones.")
    ] = None,
    heads: Annotated[str | None, typer.Option(help="Only these heads of the recipe, such as hps,ms.")] = None,
    steps: Annotated[int | None, typer.Option(help="Number of steps instead of the recipe's.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed instead of the recipe's.", min=0)] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(help="Processes that prepare patches.", min=0, max=64)] = 1,
    minutes: Annotated[float, typer.Option(help="Stop after so many minutes; run again to go on.", min=0)] = math.inf,
) -> None:
    """Train a network. Stopped or killed, it goes on from its last checkpoint when called again."""
    from fedkd.backends import choose_device
    from fedkd.case.disk import make_output_folder
    from fedkd.progress import ProgressEvent
    from fedkd.training.cases import find_cases
    from fedkd.training.recipe import choose, read_recipe
    from fedkd.training.start import start_from_package
    from fedkd.training.trainer import Machine
    from fedkd.training.trainer import train as run_training

    chosen = choose(read_recipe(recipe), heads.split(",") if heads else None, steps, seed)
    found = find_cases(cases)
    machine = Machine(device=choose_device(device).type, workers=workers, max_seconds=minutes * 60)

    def show(event: ProgressEvent) -> None:
        typer.echo(event.message)

    make_output_folder(output)
    if start_from is not None:
        start_from_package(chosen, start_from, output)
    last = run_training(chosen, found, output, machine, show)
    typer.echo(f"Step {last.step} of {chosen.optimization.steps} after {last.seconds / 3600:.2f} hours: {output}")
