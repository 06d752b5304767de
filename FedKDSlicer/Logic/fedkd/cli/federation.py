"""``fedkd federation``: a study over several sites, without any patient's data leaving its site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedkd.cli import federation_site
from fedkd.cli.federation_connection import check, import_kit, passed, set_password
from fedkd.cli.federation_gateway import admit, enroll, prepare, revoke, sites
from fedkd.cli.federation_run import run
from fedkd.cli.federation_simulate import consortium, simulate

if TYPE_CHECKING:
    from fedkd.federation.site_data import SiteSurvey

app = typer.Typer(no_args_is_help=True, help="Train over several sites; CTs and labels stay where they are.")
app.add_typer(federation_site.app, name="site")
app.command()(run)
app.command()(simulate)
app.command()(consortium)
app.command()(prepare)
app.command()(enroll)
app.command()(admit)
app.command()(revoke)
app.command()(sites)
federation_site.app.command()(import_kit)
federation_site.app.command()(set_password)
federation_site.app.command()(check)
federation_site.app.command()(passed)


@app.command("check-study")
def check_study(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
) -> None:
    """Check a study file and print what it does, and the hash that coordinator and sites know it by."""
    from rich.console import Console

    from fedkd.federation.study_file import read_study
    from fedkd.federation.study_views import study_lines

    console = Console()
    for line in study_lines(read_study(study)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command("check-cases")
def check_cases(
    cases: Annotated[Path, typer.Argument(help="Folder with one subfolder per case.")],
) -> None:
    """Look through a site's cases: which labels there are, what is kept for testing, what cannot be used and why."""
    from rich.console import Console

    from fedkd.federation.site_data import survey_site

    _show_survey(survey_site(cases), Console())


@app.command("import-reviewed")
def import_reviewed(
    reviewed: Annotated[Path, typer.Argument(help="Folder with cases of the panel, one subfolder each.")],
    output: Annotated[Path, typer.Option(help="Folder of labeled cases; those that are there already are kept.")],
) -> None:
    """Make labeled cases of those that a reader accepted in the panel: CT, and points as the reader left them."""
    from fedkd.case.disk import make_output_folder
    from fedkd.federation.reviewed_cases import import_reviewed as import_cases

    make_output_folder(output)
    found = import_cases(reviewed, output)
    typer.echo(f"{len(found.cases)} imported, {len(found.known)} there before, {len(found.refused)} not accepted")
    for one in found.refused:
        typer.echo(f"{one.case}: {one.reason}")


@app.command()
def evaluate(
    results: Annotated[Path, typer.Argument(help="Output folder of a study.")],
) -> None:
    """Print the study's table: methods by networks, in mm and Dice, on the sites that trained and on others."""
    from rich.console import Console

    from fedkd.errors import ExitCode, FedkdError
    from fedkd.federation.results import study_of_folder, tables_of
    from fedkd.federation.table_views import NOTES, terminal_table

    tables = tables_of(study_of_folder(results), results)
    if not tables:
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "No stage of this study has evaluated anything yet.",
            where=results,
            what_to_do="Run the study's evaluating stage first.",
        )
    console = Console()
    for table in tables.values():
        console.print(terminal_table(table))
    for note in NOTES:
        console.print(note, markup=False)


@app.command()
def pack(
    results: Annotated[Path, typer.Argument(help="Output folder of a study.")],
    output: Annotated[Path, typer.Option(help="Folder of the package, or one file that ends in .zip.")],
) -> None:
    """Make a model package of a study's student, with its lineage."""
    from fedkd.federation.package import write_study_package
    from fedkd.federation.results import study_of_folder

    card = write_study_package(study_of_folder(results), results, output)
    typer.echo(f"Model {card.model_id}: {output}")


def _show_survey(survey: SiteSurvey, console: object) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    counts = survey.counts
    table = Table()
    for column, justify in (("label", "left"), ("to learn from", "right"), ("kept for testing", "right")):
        table.add_column(column, justify="left" if justify == "left" else "right")
    for head, count in counts.labels.items():
        table.add_row(head, str(count.training), str(count.testing))
    console.print(table)
    console.print(f"{counts.cases} cases, {counts.unlabeled} without a label, {counts.kept_for_testing} for testing.")
    for one in survey.refused:
        console.print(f"Cannot be used: {one.case}: {one.reason}", markup=False)
