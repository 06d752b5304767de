"""What the coordinator's nginx reads, from the records of who is enrolled."""

from __future__ import annotations

from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.documents import MOST_BYTES
from fedkd_federation.gateway.nginx_template import write_config
from fedkd_federation.gateway.private_files import read_file, write_private

# Checking a password takes milliseconds of a worker's time, in which its other connections wait.
_WORKERS = 2


def write_coordinator_config(files: CoordinatorFiles) -> None:
    """Write nginx.conf, the file of password hashes, and what sites may fetch. nginx reads it when it is reloaded.

    Raises:
        FedkdError: INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    settings = files.read_settings()
    sites = files.read_sites()
    admitted = [site for site in sites if site.state == "admitted"]
    values: dict[str, object] = {
        "workers": _WORKERS,
        "listen": str(settings.listen),
        "researcher": str(settings.researcher),
        "researcher_name": settings.researcher_name,
        "admitted": admitted,
        "invited": [site for site in sites if site.state == "invited"],
        "networks": sorted({network for site in sites if site.state != "revoked" for network in site.networks}),
    }
    write_config(files.nginx, "coordinator.conf.j2", values)
    lines = "".join(f"{site.site}:{site.password_hash}\n" for site in admitted)
    write_private(files.nginx / "passwords", lines.encode())
    write_private(files.nginx / "ca.pem", read_file(files.authority_certificate, MOST_BYTES))
    _write_public(files, {site.site for site in admitted})


def _write_public(files: CoordinatorFiles, admitted: set[str]) -> None:
    public = files.nginx / "public" / "fedkd"
    write_private(public / "check", read_file(files.agreement, MOST_BYTES))
    certificates = public / "certificates"
    for path in certificates.glob("*.pem"):
        if path.stem not in admitted:
            path.unlink()
    for site in sorted(admitted):
        write_private(certificates / f"{site}.pem", read_file(files.site_certificate(site), MOST_BYTES))
