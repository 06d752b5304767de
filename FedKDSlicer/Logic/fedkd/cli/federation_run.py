"""``fedkd federation run``: leads a study over real sites."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    output: Annotated[Path, typer.Option(help="Folder of the results; an earlier run in it goes on.")],
    port: Annotated[int, typer.Option(help="Where Fed-BioMed listens on this computer.", min=1, max=65535)] = 50051,
    host: Annotated[
        str, typer.Option(help="Address to listen at. Leave it: the gateway takes the connections from outside.")
    ] = "localhost",
    stage: Annotated[list[str] | None, typer.Option(help="Only this stage; may be given several times.")] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for all sites before the first stage.", min=1)] = 600,
) -> None:
    """Run a study with its sites; stopped or killed it goes on behind the last finished round.

    Its gateway runs along where `prepare` has made one; without one only this computer can connect. Ctrl-C stops;
    everything finished is kept.
    """
    from fedkd.federation.commands import StartCoordinator
    from fedkd.federation.gateway_process import running_gateway
    from fedkd.federation.message_views import line_of
    from fedkd.federation.messages import MESSAGES, ResultLine
    from fedkd.federation.processes import FederationProcess, error_in

    output.mkdir(parents=True, exist_ok=True)
    stages = tuple(stage) if stage else None
    command = StartCoordinator(folder=output, study=study, host=host, port=port, wait_s=wait, stages=stages)
    with (
        running_gateway(output, "coordinator") as gateway,
        FederationProcess("coordinator", output / "coordinator.log") as process,
    ):
        if gateway is not None:
            typer.echo(f"The gateway listens at {gateway}")
        process.tell(command)
        for said in process.lines():
            match said["what"]:
                case "error":
                    raise error_in(said)
                case "site_seen":
                    typer.echo(f"{said['site']} is connected")
                case "traffic":
                    continue
                case _:
                    message = MESSAGES.validate_python(said)
                    text = line_of(message)
                    if text:
                        typer.echo(text)
                    if isinstance(message, ResultLine):
                        _show_result(message.table, message.package)


def _show_result(table: str | None, package: str | None) -> None:
    for what, place in (("Table", table), ("Model", package)):
        if place is not None:
            typer.echo(f"{what}: {place}")
