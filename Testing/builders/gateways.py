"""A study with a coordinator's gateway and sites' gateways on this computer, real nginx everywhere."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import open_authority, set_up_coordinator
from fedkd_federation.gateway.documents import Agreement, GatewaySettings
from fedkd_federation.gateway.enrollment import Invitation, NewSite, admit, enroll
from fedkd_federation.gateway.kit_import import Consent, import_kit
from fedkd_federation.gateway.names import Address, serial_text
from fedkd_federation.gateway.nginx_process import NginxProcess, reload_running
from fedkd_federation.gateway.private_files import write_private
from fedkd_federation.gateway.site_files import SiteFiles

DOUBLE = Path(__file__).resolve().parents[1] / "doubles" / "grpc_researcher.py"
SERVICE = "researcher.ResearcherService"
PASSWORD = "kR4-vbbF2q0x_mmT9sWaYz"  # noqa: S105 - made up for these tests
DOCUMENTS = {"study.yaml": b"study: phantoms\n", "plan.py": b"class Plan: pass\n"}
LOOPBACK = ("127.0.0.1/32",)
LARGEST = [("grpc.max_send_message_length", 100 * 1024 * 1024), ("grpc.max_receive_message_length", 100 * 1024 * 1024)]


def agreement(study: str = "phantoms") -> Agreement:
    return Agreement(
        study=study, study_sha256="a" * 64, plan_sha256="b" * 64, code_version="0.1.0", code_sha256="c" * 64
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Researcher:
    """What stands in for Fed-BioMed's researcher."""

    port: int
    pem: bytes
    seen: Path

    def lines(self) -> list[str]:
        return self.seen.read_text().splitlines() if self.seen.exists() else []


@contextlib.contextmanager
def researcher(folder: Path) -> Iterator[Researcher]:
    key = certificates.new_key()
    made = certificates.self_signed(Subject("localhost", "RESEARCHER_1", ("localhost",)), key, Validity.of_days(5))
    pem, key_file, seen = folder / "fbm.pem", folder / "fbm.key", folder / "seen.jsonl"
    pem.write_bytes(certificates.pem_of(made))
    key_file.write_bytes(certificates.key_pem(key))
    port = free_port()
    command = [sys.executable, str(DOUBLE), str(port), str(pem), str(key_file), str(seen)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield Researcher(port, pem.read_bytes(), seen)
        finally:
            process.kill()


def coordinator_files(
    folder: Path, researcher_port: int, researcher_pem: bytes, study: str = "phantoms"
) -> CoordinatorFiles:
    """A coordinator that nobody has started."""
    files = CoordinatorFiles(folder)
    port = free_port()
    settings = GatewaySettings(
        coordinator=Address(host="localhost", port=port),
        listen=Address(host="127.0.0.1", port=port),
        researcher=Address(host="127.0.0.1", port=researcher_port),
        researcher_name="localhost",
        researcher_id="RESEARCHER_1",
    )
    set_up_coordinator(files, settings, agreement(study), researcher_pem)
    for name, content in DOCUMENTS.items():
        write_private(files.documents / name, content)
    write_coordinator_config(files)
    return files


@dataclass(frozen=True)
class EnrolledSite:
    files: SiteFiles
    invitation: Invitation
    answer: Path


def imported_site(
    coordinator: CoordinatorFiles, folder: Path, name: str, networks: tuple[str, ...] = LOOPBACK
) -> EnrolledSite:
    """A site that has answered, but was not admitted yet."""
    invitation = enroll(coordinator, NewSite(site=name, networks=networks), folder.with_suffix(".kit.zip"))
    files = SiteFiles(folder)
    consent = Consent(invitation.fingerprint, invitation.code, PASSWORD)
    answer = import_kit(files, invitation.kit, consent, free_port())
    return EnrolledSite(files, invitation, answer)


def admitted_site(coordinator: CoordinatorFiles, folder: Path, name: str) -> EnrolledSite:
    site = imported_site(coordinator, folder, name)
    admit(coordinator, site.answer)
    return site


@contextlib.contextmanager
def channel_of(site: EnrolledSite) -> Iterator[grpc.Channel]:
    """A channel as a node opens it: to this computer's gateway, trusting the certificate that it shows."""
    pem = (site.files.nginx / "local.pem").read_bytes()
    port = site.files.read_settings().port
    with NginxProcess(site.files.nginx):
        credentials = grpc.ssl_channel_credentials(pem)
        with grpc.secure_channel(f"localhost:{port}", credentials, options=LARGEST) as channel:
            yield channel


def feedback(channel: grpc.Channel, message: bytes, timeout_s: float = 20) -> bytes:
    """One short message there and back."""
    return channel.unary_unary(f"/{SERVICE}/Feedback")(message, timeout=timeout_s)


def refusal(channel: grpc.Channel) -> grpc.StatusCode:
    """How a short message fails; that it passes is an error."""
    with pytest.raises(grpc.RpcError) as refused:
        feedback(channel, b"hello")
    return refused.value.code()


def direct_channel(
    coordinator: CoordinatorFiles, key: bytes | None = None, certificate: bytes | None = None
) -> grpc.Channel:
    """A channel straight to the coordinator's gateway, past a site's nginx."""
    root = coordinator.authority_certificate.read_bytes()
    credentials = grpc.ssl_channel_credentials(root, key, certificate)
    return grpc.secure_channel(str(coordinator.read_settings().coordinator), credentials)


def basic(user: str, password: str) -> tuple[tuple[str, str], ...]:
    """What says who one is in a message's headers."""
    return (("authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode()),)


def reissued(coordinator: CoordinatorFiles, site: EnrolledSite, validity: Validity) -> None:
    """Give a site another certificate for its key, as known to the coordinator as its first one."""
    name = site.invitation.site
    key = certificates.load_key((site.files.nginx / "site.key").read_bytes())
    made = certificates.signed(
        open_authority(coordinator), Subject(name, "phantoms"), key.public_key(), "client", validity
    )
    record = coordinator.find_site(name)
    assert record is not None
    serials = (*record.serials, serial_text(made.serial_number))
    coordinator.write_site(record.model_copy(update={"serials": serials}))
    for place in (site.files.nginx / "site.pem", coordinator.site_certificate(name)):
        place.write_bytes(certificates.pem_of(made))
    write_coordinator_config(coordinator)
    reload_running(coordinator.nginx)


class FalseCoordinator:
    """Listens where the coordinator should, with a certificate of its own, and keeps what it is told once encrypted."""

    def __init__(self, port: int, folder: Path, certificate: x509.Certificate, key: certificates.Key) -> None:
        both = folder / "false.pem"
        both.write_bytes(certificates.pem_of(certificate) + certificates.key_pem(key))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(both)
        self._context.set_alpn_protocols(["h2", "http/1.1"])
        self._listener = socket.create_server(("127.0.0.1", port))
        self.visits, self.told = 0, b""
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> FalseCoordinator:
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.visits += 1
            with contextlib.suppress(OSError), plain:
                plain.settimeout(5)
                with self._context.wrap_socket(plain, server_side=True) as line:
                    while part := line.recv(65536):
                        self.told += part


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within a generous time."""
    end = time.monotonic() + 20
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()
