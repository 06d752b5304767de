"""``fedkd model calibrate``: what a model's confidence is worth, measured and written into its package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    package: Annotated[Path, typer.Argument(help="Folder of the package; its model.json is written anew.")],
    fit: Annotated[Path, typer.Argument(help="File of `fedkd evaluate --json`: the curve is fitted to it.")],
    held_out: Annotated[Path, typer.Argument(help="Another one, of other cases: the curve is proven on it.")],
) -> None:
    """Make a model's confidence the probability that a point lies near the truth, and write down how well it is."""
    from rich.console import Console

    from fedkd.evaluation.calibrate import calibrate as fitted
    from fedkd.evaluation.document import read_evaluation
    from fedkd.evaluation.reliability import level_lines, reliability_table
    from fedkd.models.set_calibration import set_calibration

    evaluation = read_evaluation(fit)
    command = f"fedkd model calibrate {package.name} {fit.name} {held_out.name}"
    calibration = fitted(evaluation, read_evaluation(held_out), command)
    card = set_calibration(package, calibration, evaluation.weights_sha256)
    console = Console()
    console.print(reliability_table(calibration.held_out.bins, is_calibrated=True))
    for line in level_lines(calibration.held_out.bins):
        console.print(line, markup=False)
    sample = calibration.fitted_on
    console.print(
        f"Model {card.model_id}: fitted to {sample.points} points of {sample.cases} cases. Its hash is a new one: "
        "cases made before are those of another model.",
        markup=False,
    )
