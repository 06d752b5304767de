"""A study with a coordinator's gateway and sites' gateways on this computer, real nginx everywhere."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc

from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import set_up_coordinator
from fedkd_federation.gateway.documents import Agreement, GatewaySettings
from fedkd_federation.gateway.enrollment import Invitation, NewSite, admit, enroll
from fedkd_federation.gateway.kit_import import Consent, import_kit
from fedkd_federation.gateway.names import Address
from fedkd_federation.gateway.nginx_process import NginxProcess
from fedkd_federation.gateway.site_files import SiteFiles

DOUBLE = Path(__file__).resolve().parents[1] / "doubles" / "grpc_researcher.py"
SERVICE = "researcher.ResearcherService"
PASSWORD = "kR4-vbbF2q0x_mmT9sWaYz"  # noqa: S105 - made up for these tests
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
    invitation = enroll(coordinator, NewSite(site=name, networks=networks), folder.with_suffix(".kit.zip"), {})
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
