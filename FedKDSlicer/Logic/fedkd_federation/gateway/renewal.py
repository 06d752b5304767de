"""Certificates hold for weeks only, so that a lost one ends by itself; they are renewed while they still hold.

The coordinator signs a site's certificate anew for the key that the site has; the site fetches it. No key travels.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from cryptography import x509

from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.check_words import LayerError
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import (
    REVOCATIONS_DAYS,
    SERVER_DAYS,
    open_authority,
    renew_revocations,
    renew_server,
)
from fedkd_federation.gateway.documents import MOST_BYTES, SiteRecord
from fedkd_federation.gateway.enrollment import SITE_DAYS
from fedkd_federation.gateway.names import serial_text
from fedkd_federation.gateway.nginx_process import reload_running
from fedkd_federation.gateway.private_files import read_file, write_private
from fedkd_federation.gateway.site_files import SiteFiles
from fedkd_federation.gateway.site_line import Attempt, connected, encrypted, fetched

# Renewed when less than this part of its time is left: enough for a site that is away for some weeks.
_LEFT = 1 / 3


def renew_what_is_due(files: CoordinatorFiles) -> tuple[str, ...]:
    """Renew the server's certificate, the list of revoked ones and admitted sites' certificates; return what was due.

    Raises:
        FedkdError: INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE, DISK_FULL or GATEWAY_FAILED.
    """
    with files.changing():
        renewed = [site.site for site in files.read_sites() if site.state == "admitted" and _renew_site(files, site)]
        if _is_due(_certificate(read_file(files.nginx / "server.pem", MOST_BYTES)), SERVER_DAYS):
            renew_server(files)
            renewed.append("the server's certificate")
        if _revocations_are_due(files):
            renew_revocations(files)
            renewed.append("the list of revoked certificates")
        if renewed:
            write_coordinator_config(files)
            reload_running(files.nginx)
    return tuple(renewed)


def fetch_renewed(files: SiteFiles) -> bool:
    """Fetch this site's renewed certificate when its own is due; return whether there was one.

    What is no renewal of this site's own certificate is not taken. Where the coordinator cannot be reached nothing
    happens: there is time enough to try again.

    Raises:
        FedkdError: INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE, DISK_FULL or GATEWAY_FAILED.
    """
    own = _certificate(read_file(files.nginx / "site.pem", MOST_BYTES))
    if not _is_due(own, SITE_DAYS):
        return False
    attempt = Attempt.of(files)
    try:
        with (
            contextlib.closing(connected(attempt)) as plain,
            contextlib.closing(encrypted(attempt, plain)) as line,
        ):
            offered = _certificate(fetched(attempt, line, "/fedkd/certificate"))
        _require_renewal(offered, own, _certificate(read_file(files.nginx / "ca.pem", MOST_BYTES)))
    except (LayerError, ValueError):
        return False
    write_private(files.nginx / "site.pem", certificates.pem_of(offered))
    reload_running(files.nginx)
    return True


def _renew_site(files: CoordinatorFiles, site: SiteRecord) -> bool:
    own = _certificate(read_file(files.site_certificate(site.site), MOST_BYTES))
    if not _is_due(own, SITE_DAYS):
        return False
    renewed = certificates.signed(
        open_authority(files),
        Subject(site.site, files.read_agreement().study),
        certificates.public_key_of(own),
        "client",
        Validity.of_days(SITE_DAYS),
    )
    # The record first: a certificate that no record knows could not be revoked.
    serials = (*site.serials, serial_text(renewed.serial_number))
    files.write_site(site.model_copy(update={"serials": serials}))
    write_private(files.site_certificate(site.site), certificates.pem_of(renewed))
    return True


def _require_renewal(offered: x509.Certificate, own: x509.Certificate, authority: x509.Certificate) -> None:
    certificates.verify_issued(offered, authority)
    same_key = certificates.key_sha256(certificates.public_key_of(offered)) == certificates.key_sha256(
        certificates.public_key_of(own)
    )
    if not same_key or offered.subject != own.subject:
        raise ValueError("it is not this site's")
    if certificates.validity_of(offered).end <= certificates.validity_of(own).end:
        raise ValueError("it holds no longer than the one that is here")


def _revocations_are_due(files: CoordinatorFiles) -> bool:
    signed = x509.load_pem_x509_crl(read_file(files.nginx / "crl.pem", 10 * MOST_BYTES))
    end = signed.next_update
    return end is None or _left(end.replace(tzinfo=UTC)) < timedelta(days=REVOCATIONS_DAYS * _LEFT)


def _is_due(certificate: x509.Certificate, days: float) -> bool:
    return _left(certificates.validity_of(certificate).end) < timedelta(days=days * _LEFT)


def _left(end: datetime) -> timedelta:
    return end - datetime.now(UTC)


def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)
