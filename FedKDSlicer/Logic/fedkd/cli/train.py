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
    recipe: Annotated[
        str | None,
        typer.Option(help=f"What to train: {Recipes}. Default: student; with --head-only or --fine-tune: heads."),
    ] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(help="Start from the weights of this model package. Heads alone: default is the embedded model."),
    ] = None,
    heads: Annotated[str | None, typer.Option(help="Only these heads of the recipe, such as hps,ms.")] = None,
    head_only: Annotated[
        str | None,
        typer.Option(help="Add a head of this name to a model and train it alone, on label maps named like it."),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Classes of the new head from 1 on, such as right,left; default: as in the files."),
    ] = None,
    fine_tune: Annotated[
        str | None, typer.Option(help="Train these heads of a model on, such as hps,ms, and nothing else of it.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Number of steps instead of the recipe's.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed instead of the recipe's.", min=0)] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(help="Processes that prepare patches.", min=0, max=64)] = 1,
    minutes: Annotated[float, typer.Option(help="Stop after so many minutes; run again to go on.", min=0)] = math.inf,
) -> None:
    """Train a network, or heads of one. Stopped or killed, it goes on from its last checkpoint when called again."""
    from fedkd.backends import choose_device
    from fedkd.case.disk import make_output_folder
    from fedkd.progress import ProgressEvent
    from fedkd.training.cases import find_cases
    from fedkd.training.head_wishes import HeadWishes, NewHead, start_wished
    from fedkd.training.recipe import choose, read_head_learning, read_recipe
    from fedkd.training.start import start_from_package
    from fedkd.training.trainer import Machine
    from fedkd.training.trainer import train as run_training

    _check_together(heads, head_only, classes, fine_tune)
    machine = Machine(device=choose_device(device).type, workers=workers, max_seconds=minutes * 60)
    found = find_cases(cases)

    def show(event: ProgressEvent) -> None:
        typer.echo(event.message)

    if head_only is None and fine_tune is None:
        chosen = choose(read_recipe(recipe or "student"), _names(heads), steps, seed)
        make_output_folder(output)
        if start_from is not None:
            start_from_package(chosen, start_from, output)
    else:
        wanted = NewHead(head_only, _names(classes)) if head_only is not None else _names(fine_tune) or ()
        learning = read_head_learning(recipe or "heads")
        make_output_folder(output)
        chosen = start_wished(HeadWishes(wanted, learning, start_from, steps, seed), found, output)
    last = run_training(chosen, found, output, machine, show)
    typer.echo(f"Step {last.step} of {chosen.optimization.steps} after {last.seconds / 3600:.2f} hours: {output}")
    if chosen.trained != "all":
        typer.echo(f"To make a model of it: fedkd model pack-heads {output} --output FOLDER")


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in text.split(",")) if text else None


def _check_together(heads: str | None, head_only: str | None, classes: str | None, fine_tune: str | None) -> None:
    if head_only is not None and fine_tune is not None:
        raise typer.BadParameter("--head-only adds a head, --fine-tune trains heads on: give one of them")
    if heads is not None and (head_only is not None or fine_tune is not None):
        raise typer.BadParameter("--heads chooses heads of a recipe; here --head-only or --fine-tune names them")
    if classes is not None and head_only is None:
        raise typer.BadParameter("--classes names the classes of a new head: it goes with --head-only")
