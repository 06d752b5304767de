"""The ``fedkd`` command. Nothing heavy is imported before a command needs it, so that help comes at once."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from fedkd import NOT_FOR_CLINICAL_USE, __version__
from fedkd.cli import federation, model, phantom, points
from fedkd.cli.evaluate import evaluate
from fedkd.cli.inputs import inputs
from fedkd.cli.measure import measure
from fedkd.cli.predict import predict
from fedkd.cli.session import session
from fedkd.cli.train import train
from fedkd.cohort.signals import Stopped, stop_on_signals
from fedkd.errors import ExitCode, FedkdError

app = typer.Typer(
    name="fedkd",
    help=f"Landmarks and calcification of the aortic root from contrast CT. {NOT_FOR_CLINICAL_USE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(predict)
app.command()(measure)
app.add_typer(points.app)
app.add_typer(phantom.app)
app.command()(train)
app.command()(evaluate)
app.add_typer(model.app, name="model")
app.add_typer(federation.app, name="federation")
app.command(hidden=True)(session)
app.command(hidden=True)(inputs)


@app.command("exit-codes")
def exit_codes() -> None:
    """Print every exit code and what it means."""
    for code in ExitCode:
        typer.echo(f"{int(code):>3}  {code.name:<22} {code.meaning}")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fedkd {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options of ``fedkd`` itself."""


def main() -> None:
    """Run the command; whatever ends it early becomes a message and an exit code."""
    try:
        with stop_on_signals():
            app()
    except Stopped as stop:
        _end_with(stop.as_error("fedkd"))
    except FedkdError as error:
        _end_with(error)
    except Exception as error:  # noqa: BLE001 - users get a message; the details go to a log
        from fedkd.cli.last_resort import explain

        _end_with(explain(error))


def _end_with(error: FedkdError) -> NoReturn:
    typer.echo(f"fedkd: {error.what}\n  where: {error.where}\n  what to do: {error.what_to_do}", err=True)
    sys.exit(int(error.code))
