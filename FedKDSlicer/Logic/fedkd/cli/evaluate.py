"""``fedkd evaluate``: millimeters per landmark and Dice on labeled cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fedkd.models import LoadedModel


def evaluate(
    cases: Annotated[Path, typer.Argument(help="Folder with one subfolder per labeled case.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="A model's folder, file or name; default: embedded. Given several times, the models vote on each"
            " landmark."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write one row per case to this CSV file.")] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write every point's confidence and error here, for `fedkd model calibrate`."),
    ] = None,
    test_only: Annotated[bool, typer.Option("--test-only", help="Only the cases kept from training.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Print how far a model is from the truth. For a model trained on these very cases, add --test-only."""
    from rich.console import Console
    from rich.progress import track

    from fedkd.atomic import write_text_atomically
    from fedkd.backends import choose_device
    from fedkd.case.disk import make_output_folder
    from fedkd.cohort.predictor import ModelIdentity
    from fedkd.evaluation.document import document_of
    from fedkd.evaluation.evaluate import score_cases, true_positions
    from fedkd.evaluation.reliability import level_lines, reliability_table
    from fedkd.evaluation.tables import landmark_table, scores_csv, summary_lines
    from fedkd.models import EMBEDDED_MODEL_FOLDER, find_model, load_model
    from fedkd.prediction import PredictionOptions
    from fedkd.training.cases import find_cases, find_test_cases

    # All that can be wrong for every case is found before the first one takes its minutes.
    choose_device(device)
    chosen = find_test_cases(cases) if test_only else find_cases(cases)
    paths = [find_model(one) for one in model] if model else [EMBEDDED_MODEL_FOLDER]
    # In the order of `fedkd predict`: sums of the same numbers in another order differ in their last digits.
    loaded = sorted((load_model(path) for path in paths), key=lambda one: one.sha256)
    identity = ModelIdentity.of_members([ModelIdentity(one.model_id, one.sha256) for one in loaded])
    for one in loaded:
        _require_no_condition(one)
    for file in filter(None, (output, json_file)):
        make_output_folder(file.absolute().parent)
    errors = Console(stderr=True)
    steps = score_cases(chosen, loaded, PredictionOptions(device=device))
    scores = list(track(steps, "Predicting", total=len(chosen), console=errors))
    console = Console()
    console.print(landmark_table(scores, [true_positions(case) for case in chosen]))
    named = "".join(f" --model {one.name}" for one in model or ())
    document = document_of(scores, loaded, f"fedkd evaluate {cases.name}{named}")
    is_calibrated = len(loaded) == 1 and loaded[0].card.calibration is not None
    console.print(reliability_table(document.reliability, is_calibrated))
    levels = level_lines(document.reliability) if is_calibrated else []
    for line in (*levels, *summary_lines(scores)):
        console.print(line, markup=False)
    console.print(f"Model {identity.model_id}, hash {identity.sha256[:12]}. Not for clinical use.")
    if output is not None:
        write_text_atomically(output, scores_csv(scores))
        console.print(f"Per case: {output}", markup=False)
    if json_file is not None:
        write_text_atomically(json_file, document.model_dump_json(indent=1) + "\n")
        console.print(f"Per point: {json_file}", markup=False)


def _require_no_condition(model: LoadedModel) -> None:
    from fedkd.errors import ExitCode, FedkdError

    if model.card.student.condition is not None:
        raise FedkdError(
            ExitCode.USAGE,
            "This model needs the heart's parts with every CT, which labeled cases do not bring.",
            where=model.model_id,
            what_to_do="Use `fedkd predict --heart-labels FILE` case by case, or evaluate another model.",
        )
