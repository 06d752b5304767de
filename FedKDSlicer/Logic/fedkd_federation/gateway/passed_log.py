"""What passed a gateway: when, to whom, how much, from nginx' own log. It holds neither content nor secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fedkd.plain_text import printable
from fedkd_federation.gateway.nginx_template import PASSED_LOGS

_LONGEST_LINE = 20_000
Shown = Annotated[str, AfterValidator(printable), Field(max_length=8000)]


class Passed(BaseModel):
    """One request.

    Args:
        when: its end.
        site: empty where it was refused before it was known whose it is.
        peer: at a site the coordinator's address; at the coordinator the address from which the site connected.
        certificate: at the coordinator the serial number of the certificate that was shown.
        request: name of the service and method.
        status: of HTTP: 200, or why it was refused.
        received_bytes: at this end; with headers.
        sent_bytes: from this end; with headers.
        refused: at the coordinator: which rule refused it, beyond what the status says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: AwareDatetime
    site: Shown
    peer: Shown
    certificate: Shown
    request: Shown
    status: int
    received_bytes: int
    sent_bytes: int
    seconds: float
    refused: Shown


class PassedTotal(BaseModel):
    """All requests to or from one place with one result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str
    status: int
    requests: int
    received_bytes: int
    sent_bytes: int
    first: AwareDatetime
    last: AwareDatetime


def read_passed(nginx_folder: Path) -> Iterator[Passed]:
    """Yield what passed, oldest first.

    nginx writes a request down when it ends: one that a crash or a revocation cuts is missing here. Damaged lines are
    left out.
    """
    for path in sorted((nginx_folder / "logs").glob(PASSED_LOGS)):
        with path.open(encoding="utf-8", errors="replace") as stream:
            while line := stream.readline(_LONGEST_LINE):
                try:
                    yield Passed.model_validate_json(line)
                except ValidationError:
                    continue


def totals(passed: Iterator[Passed]) -> tuple[PassedTotal, ...]:
    """Return sums by site and status, by name."""
    sums: dict[tuple[str, int], PassedTotal] = {}
    for one in passed:
        key = (one.site, one.status)
        before = sums.get(key)
        sums[key] = PassedTotal(
            site=one.site,
            status=one.status,
            requests=1 + (before.requests if before else 0),
            received_bytes=one.received_bytes + (before.received_bytes if before else 0),
            sent_bytes=one.sent_bytes + (before.sent_bytes if before else 0),
            first=before.first if before else one.when,
            last=one.when,
        )
    return tuple(sums[key] for key in sorted(sums))
