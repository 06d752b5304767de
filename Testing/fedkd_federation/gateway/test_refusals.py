"""Who is not let in: nothing of what they send reaches the researcher, and the check says which layer it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from builders.gateways import (
    PASSWORD,
    EnrolledSite,
    Researcher,
    admitted_site,
    agreement,
    basic,
    channel_of,
    direct_channel,
    feedback,
    imported_site,
    refusal,
    reissued,
)
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.check_words import CheckStep, Layer
from fedkd_federation.gateway.connection_check import check_connection
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.enrollment import admit, revoke
from fedkd_federation.gateway.kit_import import set_password

SERVICE = "researcher.ResearcherService"


@pytest.fixture(autouse=True)
def nothing_arrives(behind: Researcher) -> Iterator[None]:
    """Holds for every test here: the researcher hears nothing."""
    before = behind.lines()
    yield
    assert behind.lines() == before


def failing(site: EnrolledSite) -> CheckStep:
    report = check_connection(site.files, agreement())
    assert not report.ok
    assert all(step.ok for step in report.steps[:-1])
    assert report.steps[-1].what_to_do
    return report.steps[-1]


def test_a_wrong_password(running: CoordinatorFiles, site: EnrolledSite) -> None:
    set_password(site.files, "another-Passw0rd-of-some-length")
    with channel_of(site) as channel:
        assert refusal(channel) is grpc.StatusCode.UNAUTHENTICATED
    assert failing(site).layer is Layer.PASSWORD


def test_no_password(running: CoordinatorFiles, site: EnrolledSite) -> None:
    folder = site.files.nginx
    key, certificate = (folder / "site.key").read_bytes(), (folder / "site.pem").read_bytes()
    with direct_channel(running, key, certificate) as channel:
        assert refusal(channel) is grpc.StatusCode.UNAUTHENTICATED


def test_no_certificate_with_the_right_password(running: CoordinatorFiles, site: EnrolledSite) -> None:
    with direct_channel(running) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"/{SERVICE}/Feedback")(b"x", timeout=20, metadata=basic("aachen", PASSWORD))
    assert "400" in refused.value.details()


def test_a_certificate_that_names_the_site_but_that_anybody_can_make(
    running: CoordinatorFiles, site: EnrolledSite
) -> None:
    key = certificates.new_key()
    forged = certificates.self_signed(Subject("aachen", "phantoms"), key, Validity.of_days(1))
    own = certificates.key_pem(key), certificates.pem_of(forged)
    with direct_channel(running, *own) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary(f"/{SERVICE}/Feedback")(b"x", timeout=20, metadata=basic("aachen", PASSWORD))


def test_a_revoked_certificate(running: CoordinatorFiles, site: EnrolledSite) -> None:
    revoke(running, "aachen")
    with channel_of(site) as channel:
        refusal(channel)
    step = failing(site)
    assert (step.layer, "revoked" in step.what) == (Layer.OUR_CERTIFICATE, True)


def test_a_revoked_certificate_with_another_sites_password(
    running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path
) -> None:
    admitted_site(running, tmp_path / "other", "berlin")
    revoke(running, "aachen")
    folder = site.files.nginx
    own = (folder / "site.key").read_bytes(), (folder / "site.pem").read_bytes()
    with direct_channel(running, *own) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary(f"/{SERVICE}/Feedback")(b"x", timeout=20, metadata=basic("berlin", PASSWORD))


def test_an_expired_certificate(running: CoordinatorFiles, site: EnrolledSite) -> None:
    now = datetime.now(UTC)
    reissued(running, site, Validity(now - timedelta(days=9), now - timedelta(minutes=1)))
    with channel_of(site) as channel:
        refusal(channel)
    step = failing(site)
    assert (step.layer, "expired" in step.what) == (Layer.OUR_CERTIFICATE, True)


def test_a_certificate_of_tomorrow_tells_of_a_wrong_clock(running: CoordinatorFiles, site: EnrolledSite) -> None:
    now = datetime.now(UTC)
    reissued(running, site, Validity(now + timedelta(days=1), now + timedelta(days=2)))
    step = failing(site)
    assert (step.layer, "clock" in step.what) == (Layer.OUR_CERTIFICATE, True)


@pytest.mark.parametrize("is_another_there", [False, True])
def test_an_address_that_is_not_allowed(running: CoordinatorFiles, tmp_path: Path, is_another_there: bool) -> None:
    """Also where the address is good for another site."""
    if is_another_there:
        admitted_site(running, tmp_path / "other", "berlin")
    away = imported_site(running, tmp_path / "away", "lyon", ("192.0.2.0/24", "2001:db8::/32"))
    admit(running, away.answer)
    with channel_of(away) as channel:
        assert refusal(channel) is grpc.StatusCode.PERMISSION_DENIED
    assert failing(away).layer is Layer.ALLOW_LIST


def test_a_site_that_was_not_admitted_yet(running: CoordinatorFiles, tmp_path: Path) -> None:
    invited = imported_site(running, tmp_path / "invited", "lyon")
    with channel_of(invited) as channel:
        assert refusal(channel) is grpc.StatusCode.PERMISSION_DENIED
    assert failing(invited).layer is Layer.ADMISSION


def test_a_site_with_another_sites_name_and_password(
    running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path
) -> None:
    admitted_site(running, tmp_path / "other", "berlin")
    folder = site.files.nginx
    own = (folder / "site.key").read_bytes(), (folder / "site.pem").read_bytes()
    with direct_channel(running, *own) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"/{SERVICE}/Feedback")(b"x", timeout=20, metadata=basic("berlin", PASSWORD))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_other_services_do_not_pass(running: CoordinatorFiles, site: EnrolledSite) -> None:
    with channel_of(site) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")(b"", timeout=20)
    folder = site.files.nginx
    own = (folder / "site.key").read_bytes(), (folder / "site.pem").read_bytes()
    with direct_channel(running, *own) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary("/other.Service/Method")(b"", timeout=20, metadata=basic("aachen", PASSWORD))


def test_the_local_gateway_lets_nothing_in_from_outside(site: EnrolledSite) -> None:
    text = (site.files.nginx / "nginx.conf").read_text()
    assert f"listen 127.0.0.1:{site.files.read_settings().port} ssl http2;" in text
    assert text.count("listen ") == 1


class TestGood:
    """The other side of every refusal: what is right passes. The researcher hears of it."""

    @pytest.fixture(autouse=True)
    def nothing_arrives(self) -> None:
        """Something does."""

    def test_a_good_site(self, running: CoordinatorFiles, site: EnrolledSite, behind: Researcher) -> None:
        with channel_of(site) as channel:
            assert feedback(channel, b"hello") == b"hello"
        report = check_connection(site.files, agreement())
        assert report.ok
        assert [step.layer for step in report.steps] == list(Layer)
        assert '"x-fedkd-site": "aachen"' in behind.lines()[0]
        assert not any("authorization" in line for line in behind.lines()), "the password ends at the gateway"

    def test_a_site_again_enrolled_after_it_was_revoked(
        self, running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path
    ) -> None:
        revoke(running, "aachen")
        again = admitted_site(running, tmp_path / "again", "aachen")
        with channel_of(again) as channel:
            assert feedback(channel, b"hello") == b"hello"
        assert failing(site).layer is Layer.OUR_CERTIFICATE, "the old certificate stays revoked"

    def test_a_changed_password_once_it_is_admitted(self, running: CoordinatorFiles, site: EnrolledSite) -> None:
        admit(running, set_password(site.files, "another-Passw0rd-of-some-length"))
        with channel_of(site) as channel:
            assert feedback(channel, b"hello") == b"hello"
