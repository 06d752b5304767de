"""Revoking works at once, on what is open too, whoever does it; and where it cannot work, nobody passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from builders.gateways import SERVICE, EnrolledSite, admitted_site, channel_of, feedback, refusal, soon
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.enrollment import NewSite, enroll, revoke
from fedkd_federation.gateway.nginx_process import NginxProcess


def test_an_open_stream_is_cut(running: CoordinatorFiles, site: EnrolledSite) -> None:
    with channel_of(site) as channel:
        parts = channel.unary_stream(f"/{SERVICE}/GetTaskUnary")(b"400000000 1", timeout=120)
        next(parts)
        revoke(running, "aachen")
        with pytest.raises(grpc.RpcError):
            # Of a hundred parts no more than those that were under way.
            assert len([next(parts) for _ in range(5)]) < 3
        refusal(channel)


def test_another_process_can_revoke(running: CoordinatorFiles, site: EnrolledSite) -> None:
    code = (
        "import sys; from pathlib import Path; from fedkd_federation.gateway.enrollment import revoke; "
        "from fedkd_federation.gateway.coordinator_files import CoordinatorFiles; "
        "revoke(CoordinatorFiles(Path(sys.argv[1])), 'aachen')"
    )
    with channel_of(site) as channel:
        feedback(channel, b"hello")
        subprocess.run([sys.executable, "-c", code, str(running.root)], check=True)
        refusal(channel)


def test_other_sites_go_on_after_they_dial_again(running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path) -> None:
    other = admitted_site(running, tmp_path / "other", "berlin")
    with channel_of(other) as channel:
        feedback(channel, b"hello")
        revoke(running, "aachen")
        assert feedback(channel, b"again") == b"again"


def test_enrolling_and_admitting_cut_no_stream(running: CoordinatorFiles, site: EnrolledSite, tmp_path: Path) -> None:
    with channel_of(site) as channel:
        parts = channel.unary_stream(f"/{SERVICE}/GetTaskUnary")(b"12000000 1", timeout=120)
        first = len(next(parts))
        admitted_site(running, tmp_path / "other", "berlin")
        assert first + sum(map(len, parts)) == 12_000_000


def test_a_site_revoked_while_the_gateway_was_down_stays_out(coordinator: CoordinatorFiles, site: EnrolledSite) -> None:
    revoke(coordinator, "aachen")
    with NginxProcess(coordinator.nginx), channel_of(site) as channel:
        refusal(channel)


def test_where_the_new_configuration_is_not_taken_over_everything_is_stopped(
    coordinator: CoordinatorFiles, site: EnrolledSite
) -> None:
    with NginxProcess(coordinator.nginx) as nginx, channel_of(site) as channel:
        feedback(channel, b"hello")
        (coordinator.nginx / "server.pem").write_text("damaged")
        with pytest.raises(FedkdError) as failed:
            revoke(coordinator, "aachen")
        assert failed.value.code is ExitCode.GATEWAY_FAILED
        refusal(channel)
        assert soon(lambda: nginx.has_ended)
    assert coordinator.find_site("aachen").state == "revoked"


def test_nothing_of_a_revoked_site_is_left_in_what_nginx_reads(
    coordinator: CoordinatorFiles, site: EnrolledSite
) -> None:
    def read_by_nginx() -> str:
        files = [path for path in coordinator.nginx.rglob("*") if path.is_file() and path.name != "crl.pem"]
        return "".join(path.read_text() for path in files) + " ".join(path.name for path in files)

    assert "aachen" in read_by_nginx()
    revoke(coordinator, "aachen")
    assert "aachen" not in read_by_nginx()


def test_lost_revocations_are_damage_and_not_a_fresh_start(
    coordinator: CoordinatorFiles, site: EnrolledSite, tmp_path: Path
) -> None:
    revoke(coordinator, "aachen")
    coordinator.revocations.unlink()
    admitted = NewSite(site="berlin", networks=("127.0.0.1",))
    enroll(coordinator, admitted, tmp_path / "b.zip")
    with pytest.raises(FedkdError) as refused:
        revoke(coordinator, "berlin")
    assert refused.value.code is ExitCode.INPUT_UNREADABLE
