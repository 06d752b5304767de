"""``fedkd inputs``: what the panel asks before a worklist is predicted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fedkd.errors import FedkdError


def inputs(
    ct: Annotated[list[Path], typer.Argument(help="As for predict.")],
) -> None:
    """Print the cases that ``fedkd predict`` would make of these CTs: one JSON object. Not for people."""
    from fedkd.cohort.messages import ErrorBody
    from fedkd.volumes import list_ct_inputs

    try:
        cases = [{"case": found.case_id, "ct": str(found.path.absolute())} for found in list_ct_inputs(ct)]
    except FedkdError as error:
        typer.echo(json.dumps({"error": ErrorBody.of(error).model_dump(mode="json")}))
        raise typer.Exit(int(error.code)) from error
    typer.echo(json.dumps({"result": {"cases": cases}}))
