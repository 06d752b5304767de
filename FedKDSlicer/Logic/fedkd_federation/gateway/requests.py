"""What ``python -m fedkd_federation.gateway`` is asked: one JSON object a line on standard input. Secrets only here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from fedkd_federation.gateway.documents import Agreement, Approved, GatewaySettings
from fedkd_federation.gateway.enrollment import NewSite
from fedkd_federation.gateway.names import Port


class GatewayRequest(BaseModel):
    """A question; its answer repeats the ``id``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: int


class SetUpRequest(GatewayRequest):
    """Coordinator: make the gateway's folder, or bring it to new settings. Answered with `DoneAnswer`."""

    do: Literal["set_up"]
    folder: Path
    settings: GatewaySettings
    agreement: Agreement
    researcher_certificate: Path


class EnrollRequest(GatewayRequest):
    """Coordinator: make a site's kit. Answered with `EnrolledAnswer`."""

    do: Literal["enroll"]
    folder: Path
    new_site: NewSite
    kit: Path


class AdmitRequest(GatewayRequest):
    """Coordinator: let a site in by its answer. Answered with `SiteAnswer`."""

    do: Literal["admit"]
    folder: Path
    answer: Path


class RevokeRequest(GatewayRequest):
    """Coordinator: shut a site out at once. Answered with `SiteAnswer`."""

    do: Literal["revoke"]
    folder: Path
    site: str


class SitesRequest(GatewayRequest):
    """Coordinator: who is enrolled. Answered with `SitesAnswer`."""

    do: Literal["sites"]
    folder: Path


class ShowKitRequest(GatewayRequest):
    """Site: what a kit says. Nothing is imported. Answered with `KitAnswer`."""

    do: Literal["show_kit"]
    kit: Path


class ImportKitRequest(GatewayRequest):
    """Site: import a kit. ``password`` null: one is made up. Answered with `ImportedAnswer`."""

    do: Literal["import_kit"]
    folder: Path
    kit: Path
    fingerprint: str
    code: SecretStr
    password: SecretStr | None
    port: Port


class SetPasswordRequest(GatewayRequest):
    """Site: set another password; null: one is made up. Answered with `ImportedAnswer`."""

    do: Literal["set_password"]
    folder: Path
    password: SecretStr | None


class CheckRequest(GatewayRequest):
    """Site: try the way to the coordinator; ``here``: what is approved and installed. Answered with `CheckAnswer`."""

    do: Literal["check"]
    folder: Path
    here: Approved | None


class PassedRequest(GatewayRequest):
    """What passed a gateway of either kind. Answered with `PassedAnswer`."""

    do: Literal["passed"]
    folder: Path


class ServeCoordinatorRequest(GatewayRequest):
    """Run the coordinator's gateway until the input ends. Answered with `ServingAnswer`, later followed by events."""

    do: Literal["serve_coordinator"]
    folder: Path


class ServeSiteRequest(GatewayRequest):
    """Run a site's gateway until the input ends. Answered with `ServingAnswer`, later followed by events."""

    do: Literal["serve_site"]
    folder: Path


AnyRequest = (
    SetUpRequest
    | EnrollRequest
    | AdmitRequest
    | RevokeRequest
    | SitesRequest
    | ShowKitRequest
    | ImportKitRequest
    | SetPasswordRequest
    | CheckRequest
    | PassedRequest
    | ServeCoordinatorRequest
    | ServeSiteRequest
)
REQUESTS: TypeAdapter[AnyRequest] = TypeAdapter(Annotated[AnyRequest, Field(discriminator="do")])
