"""Whoever answers in the coordinator's place without its certificate is told nothing: no message, no password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from builders.gateways import (
    EnrolledSite,
    FalseCoordinator,
    admitted_site,
    agreement,
    channel_of,
    refusal,
)
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Issuer, Key, Subject, Validity
from fedkd_federation.gateway.check_words import Layer
from fedkd_federation.gateway.connection_check import check_connection
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import open_authority

Identity = tuple[x509.Certificate, Key]
MONTH = Validity.of_days(30)


def own_authority(coordinator: CoordinatorFiles, site: EnrolledSite, folder: Path) -> Identity:
    """An authority with the study's name, but with another key."""
    authority_key, key = certificates.new_key(), certificates.new_key()
    authority = certificates.authority_certificate(Subject("FedKDSlicer phantoms"), authority_key, MONTH)
    issuer = Issuer(authority, authority_key)
    return certificates.signed(issuer, Subject("x", None, ("localhost",)), key.public_key(), "server", MONTH), key


def signed_by_nobody(coordinator: CoordinatorFiles, site: EnrolledSite, folder: Path) -> Identity:
    key = certificates.new_key()
    return certificates.self_signed(Subject("localhost", "RESEARCHER_1", ("localhost",)), key, MONTH), key


def another_site(coordinator: CoordinatorFiles, site: EnrolledSite, folder: Path) -> Identity:
    """A site of the same study: the study's authority has signed its certificate, but not as a server's."""
    other = admitted_site(coordinator, folder / "other", "localhost")
    nginx = other.files.nginx
    certificate = x509.load_pem_x509_certificate((nginx / "site.pem").read_bytes())
    return certificate, certificates.load_key((nginx / "site.key").read_bytes())


def another_name(coordinator: CoordinatorFiles, site: EnrolledSite, folder: Path) -> Identity:
    key = certificates.new_key()
    subject = Subject("x", None, ("coordinator.example.org",))
    return certificates.signed(open_authority(coordinator), subject, key.public_key(), "server", MONTH), key


def expired(coordinator: CoordinatorFiles, site: EnrolledSite, folder: Path) -> Identity:
    key, now = certificates.new_key(), datetime.now(UTC)
    past = Validity(now - timedelta(days=9), now - timedelta(minutes=1))
    subject = Subject("x", None, ("localhost",))
    return certificates.signed(open_authority(coordinator), subject, key.public_key(), "server", past), key


@pytest.mark.parametrize("identity", [own_authority, signed_by_nobody, another_site, another_name, expired])
def test_a_false_coordinator_gets_nothing(
    coordinator: CoordinatorFiles, site: EnrolledSite, tmp_path: Path, identity: Callable[..., Identity]
) -> None:
    port = coordinator.read_settings().coordinator.port
    with FalseCoordinator(port, tmp_path, *identity(coordinator, site, tmp_path)) as false:
        with channel_of(site) as channel:
            assert refusal(channel) is grpc.StatusCode.UNAVAILABLE
        report = check_connection(site.files, agreement())
        assert false.visits >= 2, "the site has dialed"
        assert false.told == b""
    assert report.steps[-1].layer is Layer.THEIR_CERTIFICATE
    assert "told nothing" in report.steps[-1].what


def test_the_true_identity_would_be_told_so_the_test_above_can_fail(
    coordinator: CoordinatorFiles, site: EnrolledSite, tmp_path: Path
) -> None:
    key = certificates.new_key()
    subject = Subject("coordinator", None, ("localhost",))
    true = certificates.signed(open_authority(coordinator), subject, key.public_key(), "server", MONTH)
    with FalseCoordinator(coordinator.read_settings().coordinator.port, tmp_path, true, key) as listener:
        check_connection(site.files, agreement())
        assert b"Authorization: Basic" in listener.told
