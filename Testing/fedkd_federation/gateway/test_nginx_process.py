"""nginx lives and dies with who started it, and says in words why it does not start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from builders.gateways import EnrolledSite, Researcher, coordinator_files, soon
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.nginx_process import NginxProcess, reload_running, shut_out_running
from fedkd_federation.gateway.running import running_coordinator

PARENT = (
    "import sys, time; from pathlib import Path; from fedkd_federation.gateway.nginx_process import NginxProcess\n"
    "with NginxProcess(Path(sys.argv[1])): print('runs', flush=True); time.sleep(600)"
)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent_however_that_ends(coordinator: CoordinatorFiles, number: signal.Signals) -> None:
    port = coordinator.read_settings().listen.port
    command = [sys.executable, "-c", PARENT, str(coordinator.nginx)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"runs\n"
        assert answers(port)
        parent.send_signal(number)
        parent.wait()
        assert soon(lambda: not answers(port))


def test_workers_whose_master_was_killed_end_with_the_gateway(coordinator: CoordinatorFiles) -> None:
    port = coordinator.read_settings().listen.port
    with NginxProcess(coordinator.nginx) as nginx:
        master = psutil.Process(int((coordinator.nginx / "nginx.pid").read_text()))
        workers = master.children()
        master.kill()
        assert soon(lambda: nginx.has_ended)
    assert soon(lambda: not any(worker.is_running() for worker in workers))
    assert not answers(port)


def test_a_gateway_that_is_gone_is_noticed(coordinator: CoordinatorFiles) -> None:
    with running_coordinator(coordinator) as gateway:
        assert gateway.look() == ()
        os.kill(int((coordinator.nginx / "nginx.pid").read_text()), signal.SIGTERM)

        def noticed() -> bool:
            try:
                gateway.look()
            except FedkdError as error:
                return error.code is ExitCode.GATEWAY_FAILED
            return False

        assert soon(noticed)


def test_a_port_in_use_is_named(coordinator: CoordinatorFiles) -> None:
    port = coordinator.read_settings().listen.port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(FedkdError) as failed:
        NginxProcess(coordinator.nginx)
    assert "Another program listens" in failed.value.what


def test_a_damaged_configuration_is_named_and_nothing_starts(coordinator: CoordinatorFiles) -> None:
    (coordinator.nginx / "crl.pem").unlink()
    with pytest.raises(FedkdError) as failed:
        NginxProcess(coordinator.nginx)
    assert failed.value.code is ExitCode.GATEWAY_FAILED
    assert "crl.pem" in failed.value.what


def test_a_missing_nginx_is_named(coordinator: CoordinatorFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedkd_federation.gateway.nginx_process._SYSTEM_PATHS", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FedkdError) as failed:
        NginxProcess(coordinator.nginx)
    assert failed.value.code is ExitCode.DEPENDENCY_MISSING


def test_a_number_that_another_process_has_by_now_is_left_alone(coordinator: CoordinatorFiles) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        (coordinator.nginx / "nginx.pid").write_text(str(bystander.pid))
        reload_running(coordinator.nginx)
        shut_out_running(coordinator.nginx)
        assert bystander.poll() is None
        bystander.kill()


def test_the_gateway_of_another_folder_is_left_alone(coordinator: CoordinatorFiles, site: EnrolledSite) -> None:
    with NginxProcess(coordinator.nginx) as nginx:
        number = (coordinator.nginx / "nginx.pid").read_text()
        (site.files.nginx / "nginx.pid").write_text(number)
        children = psutil.Process(int(number)).children()
        shut_out_running(site.files.nginx)
        assert psutil.Process(int(number)).children() == children
        assert not nginx.has_ended


def test_names_of_folders_are_no_settings(tmp_path: Path, behind: Researcher) -> None:
    odd = tmp_path / 'a; b "c" $host {#}'
    coordinator = coordinator_files(odd, behind.port, behind.pem)
    with NginxProcess(coordinator.nginx):
        assert answers(coordinator.read_settings().listen.port)
        reload_running(coordinator.nginx)
