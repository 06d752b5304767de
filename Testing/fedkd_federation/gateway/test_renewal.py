"""Certificates end soon and are renewed before: without a key that travels, and without anybody's doing."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from builders.gateways import EnrolledSite, admitted_site, channel_of, feedback, refusal, reissued
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Validity
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import open_authority, renew_server
from fedkd_federation.gateway.enrollment import revoke
from fedkd_federation.gateway.nginx_process import NginxProcess
from fedkd_federation.gateway.renewal import fetch_renewed, renew_what_is_due


def soon_ending() -> Validity:
    return Validity.of_days(3)


def certificate_of(site: EnrolledSite) -> x509.Certificate:
    return x509.load_pem_x509_certificate((site.files.nginx / "site.pem").read_bytes())


def test_nothing_is_due_at_first(running: CoordinatorFiles, site: EnrolledSite) -> None:
    assert renew_what_is_due(running) == ()
    assert not fetch_renewed(site.files)


def test_a_site_gets_its_renewed_certificate_by_itself(running: CoordinatorFiles, site: EnrolledSite) -> None:
    reissued(running, site, soon_ending())
    old = certificate_of(site)
    key = (site.files.nginx / "site.key").read_bytes()
    assert not fetch_renewed(site.files), "the coordinator has none yet"
    assert renew_what_is_due(running) == ("aachen",)
    assert fetch_renewed(site.files)
    new = certificate_of(site)
    assert certificates.validity_of(new).end > certificates.validity_of(old).end + timedelta(days=80)
    assert (site.files.nginx / "site.key").read_bytes() == key
    with channel_of(site) as channel:
        assert feedback(channel, b"hello") == b"hello"


def test_revoking_ends_all_certificates_a_site_ever_had(running: CoordinatorFiles, site: EnrolledSite) -> None:
    reissued(running, site, soon_ending())
    old = (site.files.nginx / "site.pem").read_bytes()
    renew_what_is_due(running)
    fetch_renewed(site.files)
    revoke(running, "aachen")
    with channel_of(site) as channel:
        refusal(channel)
    (site.files.nginx / "site.pem").write_bytes(old)
    with channel_of(site) as channel:
        refusal(channel)


def test_no_site_gets_the_certificate_of_another(running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path) -> None:
    """What the coordinator has there by mistake or malice is not taken over."""
    other = admitted_site(running, tmp_path / "other", "berlin")
    reissued(running, site, soon_ending())
    mine = certificate_of(site)
    offered = running.nginx / "public" / "fedkd" / "certificates" / "aachen.pem"
    for wrong in ((other.files.nginx / "site.pem").read_bytes(), b"no certificate"):
        offered.write_bytes(wrong)
        assert not fetch_renewed(site.files)
    assert certificate_of(site) == mine


def test_an_unreachable_coordinator_is_no_error(coordinator: CoordinatorFiles, site: EnrolledSite) -> None:
    reissued(coordinator, site, soon_ending())
    assert not fetch_renewed(site.files)


def test_the_servers_certificate_is_renewed_and_shown(running: CoordinatorFiles, site: EnrolledSite) -> None:
    renew_server(running, days=3)
    assert renew_what_is_due(running) == ("the server's certificate",)
    settings = running.read_settings()
    shown = ssl.get_server_certificate((settings.listen.host, settings.listen.port))
    end = certificates.validity_of(x509.load_pem_x509_certificate(shown.encode())).end
    assert end > datetime.now(UTC) + timedelta(days=80)
    with channel_of(site) as channel:
        assert feedback(channel, b"hello") == b"hello"


def test_a_list_of_revoked_ones_that_is_out_of_date_lets_nobody_in_until_it_is_renewed(
    coordinator: CoordinatorFiles, site: EnrolledSite
) -> None:
    stale = certificates.revocation_list(open_authority(coordinator), [], days=-0.01)
    (coordinator.nginx / "crl.pem").write_bytes(stale)
    with NginxProcess(coordinator.nginx), channel_of(site) as channel:
        with pytest.raises(grpc.RpcError):
            feedback(channel, b"hello")
        assert renew_what_is_due(coordinator) == ("the list of revoked certificates",)
        assert feedback(channel, b"hello") == b"hello"
