"""The folder of a site's gateway: what came with its kit, its password, and what nginx reads."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen
from fedkd_federation.gateway.documents import KitManifest, read_document
from fedkd_federation.gateway.names import Port, is_ip_address
from fedkd_federation.gateway.nginx_template import write_config
from fedkd_federation.gateway.private_files import make_private_folder, read_file, require_private, write_private
from fedkd_federation.gateway.site_password import MOST_CHARACTERS

LOCAL_HOST = "127.0.0.1"


class SiteSettings(Frozen):
    """A site's gateway: the port on this computer to which the node connects instead of to the coordinator."""

    format: Literal[1] = 1
    port: Port


@dataclass(frozen=True)
class SiteFiles:
    """Where everything lies; all of it is for its owner only."""

    root: Path

    @property
    def settings(self) -> Path:
        """`SiteSettings`."""
        return self.root / "settings.json"

    @property
    def manifest(self) -> Path:
        """`KitManifest` of the kit that was imported, to the byte."""
        return self.root / "manifest.json"

    @property
    def documents(self) -> Path:
        """study.yaml and plan.py as they came with the kit, to be read and approved."""
        return self.root / "documents"

    @property
    def password(self) -> Path:
        """The site's password."""
        return self.root / "password"

    @property
    def nginx(self) -> Path:
        """What nginx reads and writes; also the certificates."""
        return self.root / "nginx"

    def answer(self, site: str) -> Path:
        """The file to hand over to the coordinator."""
        return self.root / f"{site}.answer.json"

    def read_settings(self) -> SiteSettings:
        """Return the settings.

        Raises:
            FedkdError: INPUT_UNREADABLE.
        """
        return read_document(self.settings, SiteSettings)

    def read_manifest(self) -> KitManifest:
        """Return what the imported kit says.

        Raises:
            FedkdError: INPUT_NOT_FOUND where none was imported; INPUT_UNREADABLE.
        """
        if not self.manifest.exists():
            raise FedkdError(
                ExitCode.INPUT_NOT_FOUND,
                "No kit was imported here yet.",
                where=self.root,
                what_to_do="Import the kit that the coordinator sent.",
            )
        return read_document(self.manifest, KitManifest)

    def read_password(self) -> str:
        """Return the site's password.

        Raises:
            FedkdError: INPUT_UNREADABLE; GATEWAY_FAILED when others can read it.
        """
        content = read_file(self.password, MOST_CHARACTERS)
        require_private(self.password)
        return content.decode()

    def make_folders(self) -> None:
        """Make what is not there yet.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        for folder in (self.root, self.documents, self.nginx):
            make_private_folder(folder)


def write_site_config(files: SiteFiles) -> None:
    """Write what nginx reads besides certificates and keys.

    Raises:
        FedkdError: GATEWAY_FAILED when others can read the key; INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    manifest = files.read_manifest()
    require_private(files.nginx / "site.key")
    host = manifest.coordinator.host
    values: dict[str, object] = {
        "workers": 1,
        "listen": f"{LOCAL_HOST}:{files.read_settings().port}",
        "site": manifest.site,
        "coordinator": str(manifest.coordinator),
        "coordinator_host": host,
        "coordinator_is_number": is_ip_address(host),
    }
    write_config(files.nginx, "site.conf.j2", values)
    credentials = b64encode(f"{manifest.site}:{files.read_password()}".encode()).decode()
    write_private(
        files.nginx / "authorization.conf", f'grpc_set_header Authorization "Basic {credentials}";\n'.encode()
    )
