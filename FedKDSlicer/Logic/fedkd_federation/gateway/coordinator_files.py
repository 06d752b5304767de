"""The folder of a coordinator's gateway: who is enrolled, the authority's key, and what nginx reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen
from fedkd_federation.gateway.documents import Agreement, GatewaySettings, Revocations, SiteRecord, read_document
from fedkd_federation.gateway.private_files import make_private_folder, write_private

_WAIT_FOR_LOCK_S = 30


@dataclass(frozen=True)
class CoordinatorFiles:
    """Where everything lies; all of it is for its owner only."""

    root: Path

    @property
    def settings(self) -> Path:
        """`GatewaySettings`."""
        return self.root / "settings.json"

    @property
    def agreement(self) -> Path:
        """`Agreement`."""
        return self.root / "agreement.json"

    @property
    def revocations(self) -> Path:
        """`Revocations`."""
        return self.root / "revocations.json"

    @property
    def authority_certificate(self) -> Path:
        """The study's authority."""
        return self.root / "authority" / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """Who has it can make certificates for this study, and for nothing else."""
        return self.root / "authority" / "ca.key"

    @property
    def nginx(self) -> Path:
        """What nginx reads and writes."""
        return self.root / "nginx"

    @property
    def sites(self) -> Path:
        """One `SiteRecord` and one certificate for each site."""
        return self.root / "sites"

    @property
    def documents(self) -> Path:
        """study.yaml and plan.py, which every kit brings to the people of its site. They may be absent."""
        return self.root / "documents"

    def site_certificate(self, site: str) -> Path:
        """The newest certificate of a site."""
        return self.sites / f"{site}.pem"

    def read_settings(self) -> GatewaySettings:
        """Return the settings.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return read_document(self.settings, GatewaySettings)

    def read_agreement(self) -> Agreement:
        """Return the agreement.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return read_document(self.agreement, Agreement)

    def read_revocations(self) -> Revocations:
        """Return what was revoked. A missing file is damage: with it revoked certificates would hold again.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return read_document(self.revocations, Revocations)

    def read_sites(self) -> tuple[SiteRecord, ...]:
        """Return all sites, by name.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return tuple(read_document(path, SiteRecord) for path in sorted(self.sites.glob("*.json")))

    def find_site(self, site: str) -> SiteRecord | None:
        """Return a site; names that differ in capitals only are the same, as they are for some file systems and nginx.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return next((one for one in self.read_sites() if one.site.lower() == site.lower()), None)

    def write_site(self, record: SiteRecord) -> None:
        """Keep a site.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        write_document(self.sites / f"{record.site}.json", record)

    def make_folders(self) -> None:
        """Make what is not there yet.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        for folder in (self.root, self.authority_key.parent, self.sites, self.documents, self.nginx):
            make_private_folder(folder)

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the folder while it is changed: commands and the running gateway write the same files.

        Raises:
            FedkdError: GATEWAY_FAILED when another process keeps holding it.
        """
        lock = FileLock(self.root / "changing.lock")
        try:
            lock.acquire(timeout=_WAIT_FOR_LOCK_S)
        except Timeout as error:
            raise FedkdError(
                ExitCode.GATEWAY_FAILED,
                "Another process is changing the gateway.",
                where=self.root,
                what_to_do="Wait for it, then try again.",
            ) from error
        try:
            yield
        finally:
            lock.release()


def write_document(path: Path, document: Frozen) -> None:
    """Write a document for its owner only.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    write_private(path, (document.model_dump_json(indent=1) + "\n").encode())
