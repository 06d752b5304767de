"""``fedkd federation site``: what the operator of a site does. Nothing connects or is sent before ``start``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fedkd.federation.names import Frozen

app = typer.Typer(no_args_is_help=True, help="Set up, approve, start and look after a site of a federation.")

_LOG = "site.log"
SiteFolderArgument = Annotated[Path, typer.Argument(metavar="SITE-FOLDER", help="Folder that `site add` made.")]


@app.command()
def add(
    cases: Annotated[Path, typer.Argument(help="Folder with one subfolder per case.")],
    folder: Annotated[Path, typer.Option(help="Folder for the site's own files; not below the cases.")],
    site: Annotated[str, typer.Option(help="The site's id in the study.")],
    port: Annotated[int, typer.Option(help="Port of the coordinator, or of the site's gateway.", min=1, max=65535)],
    host: Annotated[str, typer.Option(help="The coordinator, or this computer when its gateway runs here.")] = (
        "localhost"
    ),
) -> None:
    """Check a folder of cases, count its labels, and make the site; nothing is connected or sent."""
    from fedkd.federation.commands import SetUpSite

    command = SetUpSite(
        folder=folder.resolve(), site=site, cases=cases.resolve(), coordinator_host=host, coordinator_port=port
    )
    said = _ask(folder, command, "set_up")
    counts = said["counts"]
    for head, count in counts["labels"].items():
        typer.echo(f"{head:8} {count['training']:6} to learn from, {count['testing']:6} kept for testing")
    typer.echo(f"{counts['cases']} cases, {counts['unlabeled']} without a label")
    for one in said["refused"]:
        typer.echo(f"Cannot be used: {one['case']}: {one['reason']}")


@app.command("show-plan")
def show_plan(folder: SiteFolderArgument) -> None:
    """Show the plan that would run here, its hash and that of the installed code, and what differs since approval."""
    from fedkd.federation.commands import ShowPlan

    said = _ask(folder, ShowPlan(folder=folder.resolve()), "plan")
    typer.echo(said["text"])
    typer.echo(f"plan sha256: {said['sha256']}")
    typer.echo(f"code: version {said['code_version']}, sha256 {said['code_sha256']}")
    typer.echo(f"approved study: {said['approved_study'] or 'none'}")
    if said["difference"]:
        typer.echo(f"Not as approved: {said['difference']}")


@app.command()
def approve(
    folder: SiteFolderArgument,
    study: Annotated[Path, typer.Option(help="The study file, as you read it.")],
) -> None:
    """Approve a study with the installed code: from now on its tasks may run here. Asks before it does."""
    from fedkd.federation.commands import ApproveStudy, ShowPlan
    from fedkd.federation.study_file import read_study
    from fedkd.federation.study_views import study_lines

    read = read_study(study)
    for line in study_lines(read):
        typer.echo(line)
    plan = _ask(folder, ShowPlan(folder=folder.resolve()), "plan")
    typer.echo(f"plan sha256: {plan['sha256']}\ncode: version {plan['code_version']}, sha256 {plan['code_sha256']}")
    typer.echo("What leaves this site: tensors of networks, counts of cases, losses, distances in mm and Dice.")
    typer.echo("What never leaves: CTs, labels, pseudo labels, names of cases, paths.")
    typer.confirm("Approve?", abort=True)
    command = ApproveStudy(
        folder=folder.resolve(), study=study.resolve(), study_sha256=read.sha256, plan_sha256=plan["sha256"]
    )
    _ask(folder, command, "approved")
    typer.echo("Approved.")


@app.command()
def withdraw(folder: SiteFolderArgument) -> None:
    """Withdraw the approval: nothing runs here any more."""
    from fedkd.federation.commands import WithdrawApproval

    _ask(folder, WithdrawApproval(folder=folder.resolve()), "withdrawn")
    typer.echo("Withdrawn.")


@app.command()
def start(
    folder: SiteFolderArgument,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    workers: Annotated[int, typer.Option(help="Processes that prepare patches.", min=0, max=64)] = 0,
) -> None:
    """Connect to the coordinator and carry out the approved study's tasks, until Ctrl-C."""
    from pydantic import ValidationError

    from fedkd.errors import ExitCode, FedkdError
    from fedkd.federation.commands import StartSite
    from fedkd.federation.gateway_process import running_gateway
    from fedkd.federation.processes import FederationProcess, error_in

    try:
        command = StartSite.model_validate({"folder": folder.resolve(), "device": device, "workers": workers})
    except ValidationError as error:
        raise FedkdError(
            ExitCode.USAGE, "There is no such device.", where=device, what_to_do="Give cpu or cuda."
        ) from error
    with running_gateway(folder, "site"), FederationProcess("site", folder / _LOG) as process:
        process.tell(command)
        for said in process.lines():
            if said["what"] == "error":
                raise error_in(said)
            text = _line_of(said)
            if text:
                typer.echo(text)


def _line_of(said: dict[str, Any]) -> str:
    match said["what"]:
        case "connection":
            return str(said["message"])
        case "task_began":
            return f"{said['stage']}: {said['kind']}, round {said['round']}"
        case "task_ended":
            return f"{said['stage']}: {said['problem'] or 'done, answer sent'}"
        case _:
            return ""


def _ask(folder: Path, command: Frozen, answer: str) -> dict[str, Any]:
    from fedkd.federation.processes import FederationProcess

    folder.mkdir(parents=True, exist_ok=True)
    with FederationProcess("site", folder / _LOG) as process:
        process.tell(command)
        return process.wait_for(answer)
