"""``fedkd points``: look into point files and turn one format into another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedkd.plain_text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from fedkd.pointsets import PointList

app = typer.Typer(
    name="points",
    help="Read and convert points: .mps (MITK), .mrk.json and .fcsv (3D Slicer), .csv.",
    no_args_is_help=True,
)

Order = Annotated[
    str | None,
    typer.Option(metavar="NAME,...", help="The points' labels in the file's order, for files without labels (.mps)."),
]


@app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File with points.")],
    order: Order = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show the points of a file, in LPS millimeters."""
    from rich.console import Console

    from fedkd import NOT_FOR_CLINICAL_USE
    from fedkd.pointsets import read_points
    from fedkd.pointsets.document import points_document

    points = read_points(file, _names(order))
    if json:
        typer.echo(points_document(file, points).model_dump_json(indent=2))
        return
    console = Console()
    console.print(_table(printable(file.name), points))
    for note in points.notes:
        console.print(f"Note: {printable(note)}", markup=False)
    console.print(NOT_FOR_CLINICAL_USE)


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; its extension says the format.")],
    order: Order = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT when it exists.")] = False,
) -> None:
    """Write the points of a file in the format of another extension."""
    from fedkd.errors import ExitCode, FedkdError
    from fedkd.pointsets import convert_points

    if target.exists() and not overwrite:
        raise FedkdError(
            ExitCode.OUTPUT_NOT_WRITABLE,
            "The output file exists already.",
            where=target,
            what_to_do="Choose another name, or add --overwrite to replace it.",
        )
    for note in convert_points(source, target, _names(order)):
        typer.echo(f"Note: {printable(note)}", err=True)


def _names(order: str | None) -> tuple[str, ...] | None:
    return None if order is None else tuple(order.split(","))


def _table(title: str, points: PointList) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title))
    table.add_column("label", overflow="fold", min_width=8)
    for axis in ("x", "y", "z"):
        table.add_column(f"{axis} (LPS mm)", justify="right", no_wrap=True)
    table.add_column("confidence", justify="right")
    table.add_column("spread (mm)", justify="right")
    table.add_column("description")
    for point in points:
        coordinates = (
            ("undefined", "", "") if point.position_lps_mm is None else map("{:.3f}".format, point.position_lps_mm)
        )
        confidence = "" if point.confidence is None else str(point.judged)
        # Text(...): labels come from files and may hold what rich would take for markup.
        spread = "" if point.spread_mm is None else f"{point.spread_mm:.1f}"
        cells = (printable(point.label), *coordinates, confidence, spread, printable(point.description))
        table.add_row(*map(Text, cells))
    return table
