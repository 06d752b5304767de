"""``fedkd federation prepare, enroll, admit, revoke, sites``: who may connect to a coordinator, and from where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StudyFolder = Annotated[Path, typer.Option("--output", help="The study's folder of results, as for `run`.")]
AddressOption = Annotated[str, typer.Option(help="Where sites will dial, as HOST:PORT.")]


def prepare(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    output: StudyFolder,
    address: AddressOption,
    listen: Annotated[str, typer.Option(help="Where this computer listens for them, as ADDRESS:PORT.")] = "",
    port: Annotated[int, typer.Option(help="Where Fed-BioMed listens, on this computer only.", min=1, max=65535)] = (
        50051
    ),
) -> None:
    """Prepare the coordinator's gateway: the study's own authority, certificates, nginx. Nothing listens yet.

    Again after the study file or the software changed: sites and revocations stay.
    """
    from fedkd.federation.gateway_process import GATEWAY_FOLDER, GatewayProcess

    dialed = _address(address)
    with GatewayProcess(output / "gateway.log", "fedkd_federation.prepare_gateway") as process:
        process.ask(
            study=study.resolve(),
            results=output.resolve(),
            gateway=(output / GATEWAY_FOLDER).resolve(),
            coordinator=dialed,
            listen=_address(listen) if listen else {"host": "0.0.0.0", "port": dialed["port"]},  # noqa: S104
            researcher_port=port,
        )
    typer.echo(f"Sites dial {address}. Enroll each with: fedkd federation enroll SITE --output {output}")


def enroll(
    site: Annotated[str, typer.Argument(help="The site's id in the study.")],
    output: StudyFolder,
    network: Annotated[
        list[str], typer.Option(help="From where the site connects, such as 192.0.2.7; may be given several times.")
    ],
    kit: Annotated[Path, typer.Option(help="The kit to write, a zip file.")],
) -> None:
    """Make a site's kit. The site is let in after it has answered (`admit`)."""
    from fedkd.federation.gateway_process import ask_gateway

    new = {"site": site, "networks": network}
    said = ask_gateway(output, do="enroll", new_site=new, kit=kit.resolve())
    typer.echo(f"Kit for {said['site']}: {kit}")
    typer.echo("Send the kit. Tell these two by telephone, to somebody you know; the code is shown this once:")
    typer.echo(f"  fingerprint  {said['shown_fingerprint']}")
    typer.echo(f"  code         {said['code']}")


def admit(
    answer: Annotated[Path, typer.Argument(help="The file SITE.answer.json that the site sent.")],
    output: StudyFolder,
) -> None:
    """Let a site in: keep the hash of the password that it has set. Also after the site changed its password."""
    from fedkd.federation.gateway_process import ask_gateway

    said = ask_gateway(output, do="admit", answer=answer.resolve())
    typer.echo(f"{said['site']['site']} is admitted, from {', '.join(said['site']['networks'])}.")


def revoke(
    site: Annotated[str, typer.Argument(help="The site's id in the study.")],
    output: StudyFolder,
) -> None:
    """Shut a site out at once, open connections included. Other sites dial again within seconds."""
    from fedkd.federation.gateway_process import ask_gateway

    said = ask_gateway(output, do="revoke", site=site)
    typer.echo(f"{said['site']['site']} is revoked. It can be enrolled again, with a new kit.")


def sites(output: StudyFolder) -> None:
    """List who is enrolled, admitted and revoked."""
    from rich.console import Console
    from rich.table import Table

    from fedkd.federation.gateway_process import ask_gateway

    table = Table()
    for column in ("site", "state", "from", "enrolled (UTC)", "revoked (UTC)"):
        table.add_column(column)
    for one in ask_gateway(output, do="sites")["sites"]:
        times = [(one[name] or "")[:16].replace("T", " ") for name in ("enrolled_utc", "revoked_utc")]
        table.add_row(one["site"], one["state"], ", ".join(one["networks"]), *times)
    Console().print(table)


def _address(text: str) -> dict[str, object]:
    from fedkd.errors import ExitCode, FedkdError

    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise FedkdError(
            ExitCode.USAGE,
            "This is no address.",
            where=text,
            what_to_do="Give a name or number and a port, such as coordinator.example.org:8443 or [2001:db8::7]:8443.",
        )
    return {"host": host.removeprefix("[").removesuffix("]"), "port": int(port)}
