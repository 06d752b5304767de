"""The coordinator's side of a site's way in and out: enroll, admit, revoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from pydantic import Field

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, SiteId
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.answer import read_answer, refused_answer, require_made_by
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles, write_document
from fedkd_federation.gateway.coordinator_set_up import open_authority, renew_revocations
from fedkd_federation.gateway.documents import (
    MOST_BYTES,
    KitFile,
    KitManifest,
    Revocations,
    RevokedCertificate,
    SiteRecord,
)
from fedkd_federation.gateway.kit import record_of, write_kit
from fedkd_federation.gateway.names import Network, serial_text
from fedkd_federation.gateway.nginx_process import reload_running, shut_out_running
from fedkd_federation.gateway.one_time_code import new_code, typed_code
from fedkd_federation.gateway.private_files import read_file, write_private

SITE_DAYS = 90


@dataclass(frozen=True)
class Invitation:
    """What the coordinator tells a site by telephone. The code is nowhere kept."""

    site: str
    kit: Path
    fingerprint: str
    code: str


class NewSite(Frozen):
    """Who is to be enrolled.

    Args:
        networks: addresses from which the site will connect, as the coordinator sees them, such as ``192.0.2.7/32``.
    """

    site: SiteId
    networks: tuple[Network, ...] = Field(min_length=1)


def enroll(files: CoordinatorFiles, new: NewSite, kit: Path) -> Invitation:
    """Make a kit for a new site, or for one that was revoked. It is let in only after `admit`.

    Args:
        kit: zip file to be written.

    Raises:
        FedkdError: SITE_UNKNOWN when the site is enrolled already; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    site = new.site
    with files.changing():
        earlier = files.find_site(site)
        if earlier is not None and (earlier.state != "revoked" or earlier.site != site):
            raise FedkdError(
                ExitCode.SITE_UNKNOWN,
                f"Site {earlier.site} is enrolled already.",
                where=site,
                what_to_do="Revoke it first, or choose another name.",
            )
        key, code = certificates.new_key(), new_code()
        certificate = certificates.signed(
            open_authority(files),
            Subject(site, files.read_agreement().study),
            key.public_key(),
            "client",
            Validity.of_days(SITE_DAYS),
        )
        content: dict[KitFile, bytes] = {
            "ca.pem": read_file(files.authority_certificate, MOST_BYTES),
            "site.pem": certificates.pem_of(certificate),
            "site.key": certificates.key_pem(key, typed_code(code)),
            **_documents(files),
        }
        manifest = _manifest(files, site, certificate, content)
        fingerprint = write_kit(kit, manifest, content)
        write_private(files.site_certificate(site), content["site.pem"])
        files.write_site(
            SiteRecord(
                site=site,
                state="invited",
                networks=new.networks,
                serials=(serial_text(certificate.serial_number),),
                kit_sha256=fingerprint,
                enrolled_utc=manifest.made_utc,
            )
        )
        write_coordinator_config(files)
    reload_running(files.nginx)
    return Invitation(site, kit, fingerprint, code)


def admit(files: CoordinatorFiles, answer_file: Path) -> SiteRecord:
    """Let a site in: keep the hash of the password that it has set. Also takes the hash of a changed password.

    Raises:
        FedkdError: KIT_INVALID when the answer is not this site's, or is older than the one that counts;
            SITE_UNKNOWN when it was revoked or never enrolled.
    """
    answer = read_answer(answer_file)
    content = answer.content
    with files.changing():
        record = require_site(files, content.site)
        certificate = x509.load_pem_x509_certificate(read_file(files.site_certificate(record.site), MOST_BYTES))
        require_made_by(answer, certificates.public_key_of(certificate), answer_file)
        if content.study != files.read_agreement().study or content.kit_sha256 != record.kit_sha256:
            raise refused_answer(answer_file, "it answers another kit")
        if record.answered_utc is not None and content.answered_utc < record.answered_utc:
            raise refused_answer(answer_file, "the site has made a newer one")
        admitted = record.model_copy(
            update={
                "state": "admitted",
                "password_hash": content.password_hash,
                "answered_utc": content.answered_utc,
            }
        )
        files.write_site(admitted)
        write_coordinator_config(files)
    reload_running(files.nginx)
    return admitted


def revoke(files: CoordinatorFiles, site: str) -> SiteRecord:
    """Shut a site out at once, open connections included: its certificates, its password, its entry in every list.

    The connections of all other sites are cut, too; they dial again within seconds.

    Raises:
        FedkdError: SITE_UNKNOWN; GATEWAY_FAILED when nginx did not follow, and was stopped for that.
    """
    with files.changing():
        record = require_site(files, site)
        now = datetime.now(UTC)
        earlier = files.read_revocations().certificates
        new = tuple(RevokedCertificate(serial=one, site=record.site, revoked_utc=now) for one in record.serials)
        # First what matters most: whatever stops us from here on, the certificate is on the list.
        write_document(files.revocations, Revocations(certificates=(*earlier, *new)))
        renew_revocations(files)
        revoked = record.model_copy(update={"state": "revoked", "password_hash": None, "revoked_utc": now})
        files.write_site(revoked)
        write_coordinator_config(files)
        shut_out_running(files.nginx)
    return revoked


def require_site(files: CoordinatorFiles, site: str) -> SiteRecord:
    """Return a site that is enrolled.

    Raises:
        FedkdError: SITE_UNKNOWN.
    """
    record = files.find_site(site)
    if record is None or record.state == "revoked":
        raise FedkdError(
            ExitCode.SITE_UNKNOWN,
            "No such site is enrolled." if record is None else f"Site {record.site} was revoked.",
            where=site,
            what_to_do="Check its name in the list of sites, or enroll it.",
        )
    return record


def _documents(files: CoordinatorFiles) -> dict[KitFile, bytes]:
    names: tuple[KitFile, ...] = ("study.yaml", "plan.py")
    return {name: read_file(files.documents / name, MOST_BYTES) for name in names if (files.documents / name).exists()}


def _manifest(
    files: CoordinatorFiles, site: str, certificate: x509.Certificate, content: Mapping[KitFile, bytes]
) -> KitManifest:
    settings = files.read_settings()
    return KitManifest(
        site=site,
        coordinator=settings.coordinator,
        researcher_id=settings.researcher_id,
        agreement=files.read_agreement(),
        made_utc=datetime.now(UTC),
        valid_until_utc=certificates.validity_of(certificate).end,
        files={name: record_of(one) for name, one in content.items()},
    )
