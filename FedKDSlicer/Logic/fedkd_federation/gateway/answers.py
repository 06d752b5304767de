"""What ``python -m fedkd_federation.gateway`` answers: one JSON object a line on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from fedkd.cohort.messages import ErrorBody
from fedkd_federation.gateway.check_words import CheckStep
from fedkd_federation.gateway.documents import KitManifest, SiteRecord
from fedkd_federation.gateway.passed_log import Passed, PassedTotal


class GatewayLine(BaseModel):
    """A line: ``what`` says which."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DoneAnswer(GatewayLine):
    """It was done."""

    what: Literal["done"] = "done"
    id: int


class EnrolledAnswer(GatewayLine):
    """A kit is there. Code and fingerprint are to be told by telephone; the code is kept nowhere."""

    what: Literal["enrolled"] = "enrolled"
    id: int
    site: str
    kit: Path
    fingerprint: str
    shown_fingerprint: str
    code: str


class SiteLine(GatewayLine):
    """A site as a coordinator sees it in a list."""

    site: str
    state: Literal["invited", "admitted", "revoked"]
    networks: tuple[str, ...]
    enrolled_utc: AwareDatetime
    answered_utc: AwareDatetime | None
    revoked_utc: AwareDatetime | None

    @classmethod
    def of(cls, record: SiteRecord) -> SiteLine:
        """Return what is shown of a record: no hash of a password."""
        return cls(**{name: getattr(record, name) for name in cls.model_fields})


class SiteAnswer(GatewayLine):
    """A site after it was admitted or revoked."""

    what: Literal["site"] = "site"
    id: int
    site: SiteLine


class SitesAnswer(GatewayLine):
    """All sites."""

    what: Literal["sites"] = "sites"
    id: int
    sites: tuple[SiteLine, ...]


class KitAnswer(GatewayLine):
    """What a kit says, and its fingerprint to be compared with what the coordinator says."""

    what: Literal["kit"] = "kit"
    id: int
    manifest: KitManifest
    fingerprint: str
    shown_fingerprint: str


class ImportedAnswer(GatewayLine):
    """The file to hand over to the coordinator."""

    what: Literal["imported"] = "imported"
    id: int
    answer: Path


class CheckAnswer(GatewayLine):
    """Layer by layer, up to the first that does not hold."""

    what: Literal["check"] = "check"
    id: int
    ok: bool
    steps: tuple[CheckStep, ...]


class PassedAnswer(GatewayLine):
    """Sums, and the newest requests, oldest first."""

    what: Literal["passed"] = "passed"
    id: int
    totals: tuple[PassedTotal, ...]
    newest: tuple[Passed, ...]


class ServingAnswer(GatewayLine):
    """The gateway runs."""

    what: Literal["serving"] = "serving"
    id: int
    address: str


class RenewedEvent(GatewayLine):
    """Certificates were renewed while the gateway ran."""

    what: Literal["renewed"] = "renewed"
    certificates: tuple[str, ...]


class ErrorAnswer(GatewayLine):
    """It was not done. Without ``id`` the gateway itself has ended, or the request could not be read."""

    what: Literal["error"] = "error"
    id: int | None
    error: ErrorBody


Answer = (
    DoneAnswer
    | EnrolledAnswer
    | SiteAnswer
    | SitesAnswer
    | KitAnswer
    | ImportedAnswer
    | CheckAnswer
    | PassedAnswer
    | ServingAnswer
    | ErrorAnswer
)
