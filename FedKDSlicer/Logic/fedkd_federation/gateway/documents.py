"""What is kept in files and travels in kits. JSON, checked whole when read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, Sha256, SiteId, StudyId
from fedkd_federation.gateway.names import Address, Host, Network, ResearcherId, Serial
from fedkd_federation.gateway.private_files import read_file

MOST_BYTES = 1_000_000
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
# What crypt() takes for bcrypt; nothing else can end up in the file that nginx reads.
PasswordHash = Annotated[str, Field(pattern=r"^\$2b\$\d\d\$[./A-Za-z0-9]{53}$")]
# Fixed names: a kit has these files and no others. The last two are for people and may be absent.
KitFile = Literal["ca.pem", "site.pem", "site.key", "study.yaml", "plan.py"]


class Approved(Frozen):
    """What would run at a site: a study and a plan that were approved there, by the code that is installed."""

    study_sha256: Sha256
    plan_sha256: Sha256
    code_version: Version
    code_sha256: Sha256


class Agreement(Approved):
    """What the coordinator means to run; a site runs nothing else than what it has approved of these."""

    study: StudyId


class GatewaySettings(Frozen):
    """A coordinator's gateway.

    Args:
        coordinator: the address that sites dial; its host is the name in the server's certificate.
        listen: where nginx listens; ``0.0.0.0`` for every interface.
        researcher: where Fed-BioMed's researcher listens, on this computer.
        researcher_name: the name in the certificate that Fed-BioMed made for it.
        researcher_id: the number that Fed-BioMed gave it.
    """

    format: Literal[1] = 1
    coordinator: Address
    listen: Address
    researcher: Address
    researcher_name: Host
    researcher_id: ResearcherId


class FileRecord(Frozen):
    """A file of a kit."""

    sha256: Sha256
    size_bytes: int = Field(ge=1, le=MOST_BYTES)


class KitManifest(Frozen):
    """``manifest.json`` of a kit. Its SHA-256 is the kit's fingerprint, and vouches for everything in the kit."""

    format: Literal[1] = 1
    site: SiteId
    coordinator: Address
    researcher_id: ResearcherId
    agreement: Agreement
    made_utc: AwareDatetime
    valid_until_utc: AwareDatetime
    files: dict[KitFile, FileRecord]


class SiteRecord(Frozen):
    """A site as the coordinator knows it.

    Args:
        state: ``invited`` with its kit, ``admitted`` with its answer, ``revoked``.
        networks: from which addresses it may connect.
        serials: of its certificates: the first one and its renewals.
        password_hash: from its answer.
        answered_utc: when the site made the answer that counts.
    """

    format: Literal[1] = 1
    site: SiteId
    state: Literal["invited", "admitted", "revoked"]
    networks: tuple[Network, ...] = Field(min_length=1)
    serials: tuple[Serial, ...]
    kit_sha256: Sha256
    enrolled_utc: AwareDatetime
    password_hash: PasswordHash | None = None
    answered_utc: AwareDatetime | None = None
    revoked_utc: AwareDatetime | None = None


class RevokedCertificate(Frozen):
    """A certificate that holds no more."""

    serial: Serial
    site: SiteId
    revoked_utc: AwareDatetime


class Revocations(Frozen):
    """All certificates that were ever revoked."""

    format: Literal[1] = 1
    certificates: tuple[RevokedCertificate, ...] = ()

    def entries(self) -> list[tuple[int, datetime]]:
        """Return serial numbers and when they were revoked."""
        return [(int(one.serial, 16), one.revoked_utc) for one in self.certificates]


_Document = TypeVar("_Document", bound=Frozen)


def read_document(path: Path, kind: type[_Document]) -> _Document:
    """Return the document in a file.

    Raises:
        FedkdError: INPUT_UNREADABLE when it is absent or damaged.
    """
    try:
        return kind.model_validate_json(read_file(path, MOST_BYTES))
    except ValidationError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"A file of the gateway is damaged: {first_problem(error)}.",
            where=path,
            what_to_do="Bring back a copy of it, or set the gateway up anew.",
        ) from error


def first_problem(error: ValidationError) -> str:
    """Return the first of a document's faults, without the value: that may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
