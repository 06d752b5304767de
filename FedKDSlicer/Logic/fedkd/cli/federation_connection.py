"""``fedkd federation site import-kit, set-password, check, passed``: a site's way to its coordinator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

SiteFolder = Annotated[Path, typer.Argument(metavar="SITE-FOLDER", help="Folder for the site's own files.")]


def import_kit(
    kit: Annotated[Path, typer.Argument(help="The kit that the coordinator sent.")],
    folder: Annotated[Path, typer.Option(help="Folder for the site's own files, as for `site add`.")],
    port: Annotated[int, typer.Option(help="Port on this computer for the node, as for `site add`.", min=1, max=65535)],
    own_password: Annotated[bool, typer.Option(help="Type a password; otherwise one is made up.")] = False,
) -> None:
    """Import the coordinator's kit: shows what it says, asks for fingerprint and code, sets the password.

    Nothing is connected or sent. The coordinator needs the file that this makes.
    """
    from fedkd.federation.gateway_process import GATEWAY_FOLDER, GatewayProcess

    with GatewayProcess(folder / "gateway.log") as process:
        said = process.ask(do="show_kit", kit=kit.resolve())
        _show_kit(said)
        typer.confirm("Did the coordinator say this fingerprint by telephone?", abort=True)
        code = typer.prompt("Code, as the coordinator said it", hide_input=True)
        password = (
            typer.prompt("Password for this site", hide_input=True, confirmation_prompt=True) if own_password else None
        )
        imported = process.ask(
            do="import_kit",
            folder=(folder / GATEWAY_FOLDER).resolve(),
            kit=kit.resolve(),
            fingerprint=said["fingerprint"],
            code=code,
            password=password,
            port=port,
        )
    typer.echo(f"Imported. Send this file to the coordinator: {imported['answer']}")


def set_password(
    folder: SiteFolder,
    own_password: Annotated[bool, typer.Option(help="Type a password; otherwise one is made up.")] = False,
) -> None:
    """Set another password. The site is shut out until the coordinator has admitted the new answer."""
    from fedkd.federation.gateway_process import ask_gateway

    password = (
        typer.prompt("Password for this site", hide_input=True, confirmation_prompt=True) if own_password else None
    )
    said = ask_gateway(folder, do="set_password", password=password)
    typer.echo(f"Send this file to the coordinator: {said['answer']}")


def check(folder: SiteFolder) -> None:
    """Try the way to the coordinator, layer by layer; name the one that fails, and what to do."""
    from fedkd.errors import ExitCode, FedkdError
    from fedkd.federation.commands import ShowPlan
    from fedkd.federation.gateway_process import ask_gateway
    from fedkd.federation.processes import FederationProcess

    with FederationProcess("site", folder / "site.log") as process:
        process.tell(ShowPlan(folder=folder.resolve()))
        plan = process.wait_for("plan")
    report = ask_gateway(folder, do="check", here=_approved(plan))
    for step in report["steps"]:
        typer.echo(f"{'ok  ' if step['ok'] else 'FAIL'} {step['layer']:17} {step['what']}")
    if not report["ok"]:
        failed = report["steps"][-1]
        raise FedkdError(
            ExitCode.CONNECTION_FAILED, failed["what"], where=failed["layer"], what_to_do=failed["what_to_do"]
        )


def passed(folder: SiteFolder) -> None:
    """Show what passed the site's gateway: how many bytes, when, and whether the coordinator took them."""
    from rich.console import Console
    from rich.table import Table

    from fedkd.federation.gateway_process import ask_gateway

    table = Table()
    for column in ("status", "messages", "bytes sent", "bytes received", "first (UTC)", "last (UTC)"):
        table.add_column(column, justify="left" if "UTC" in column else "right")
    for one in ask_gateway(folder, do="passed")["totals"]:
        numbers = [f"{one[name]:,}" for name in ("requests", "sent_bytes", "received_bytes")]
        table.add_row(str(one["status"]), *numbers, *(one[name][:19].replace("T", " ") for name in ("first", "last")))
    Console().print(table)


def _approved(plan: dict[str, Any]) -> dict[str, str] | None:
    if plan["approved_study"] is None or plan["difference"]:
        return None
    return {
        "study_sha256": plan["approved_study"],
        "plan_sha256": plan["sha256"],
        "code_version": plan["code_version"],
        "code_sha256": plan["code_sha256"],
    }


def _show_kit(said: dict[str, Any]) -> None:
    manifest = said["manifest"]
    agreement, address = manifest["agreement"], manifest["coordinator"]
    typer.echo(f"Kit of site {manifest['site']} for study {agreement['study']}, of {manifest['made_utc'][:10]}")
    typer.echo(f"  coordinator  {address['host']}, port {address['port']}")
    typer.echo(f"  study        sha256 {agreement['study_sha256']}")
    typer.echo(f"  plan         sha256 {agreement['plan_sha256']}")
    typer.echo(f"  code         version {agreement['code_version']}")
    typer.echo(f"  fingerprint  {said['shown_fingerprint']}")
