"""A site's kit: one zip file, or the same files in a folder. Read as what a stranger may have made."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.documents import (
    MOST_BYTES,
    FileRecord,
    KitFile,
    KitManifest,
    first_problem,
)
from fedkd_federation.gateway.private_files import read_file, write_private

MANIFEST = "manifest.json"
_NEEDED = frozenset({"ca.pem", "site.pem", "site.key"})
_KNOWN = frozenset(get_args(KitFile)) | {MANIFEST}
_MOST_BYTES_OF_ZIP = 4 * MOST_BYTES
_MADE_ON_UNIX = 3


@dataclass(frozen=True)
class Kit:
    """A kit whose files are the ones that its manifest names. Whether it is the right one, its fingerprint tells.

    Args:
        manifest_text: manifest.json to the byte.
        files: by name, without the manifest.
    """

    manifest: KitManifest
    manifest_text: bytes
    files: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """The kit's fingerprint: the SHA-256 of manifest.json."""
        return sha256(self.manifest_text).hexdigest()


def write_kit(path: Path, manifest: KitManifest, files: Mapping[KitFile, bytes]) -> str:
    """Write a kit as a zip file for its owner only; return its fingerprint.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    text = (manifest.model_dump_json(indent=1) + "\n").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, text)
        for name, content in files.items():
            archive.writestr(name, content)
    write_private(path, packed.getvalue())
    return sha256(text).hexdigest()


def record_of(content: bytes) -> FileRecord:
    """Return what a manifest says about a file."""
    return FileRecord(sha256=sha256(content).hexdigest(), size_bytes=len(content))


def read_kit(path: Path) -> Kit:
    """Return a kit. Nothing is written, and no name in it is used as a path.

    Raises:
        FedkdError: KIT_INVALID, with the reason; INPUT_NOT_FOUND when there is nothing.
    """
    if not path.exists():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, "There is no kit.", where=path, what_to_do="Check the name of the file."
        )
    try:
        files = _folder_content(path) if path.is_dir() else _zip_content(path)
        return _checked(files)
    except ValidationError as error:
        raise refused_kit(path, f"its manifest is not understood ({first_problem(error)})") from error
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise refused_kit(path, str(error) or "it is no zip file") from error


def refused_kit(where: object, why: str) -> FedkdError:
    """Return the error for a kit that is not to be used."""
    return FedkdError(
        ExitCode.KIT_INVALID,
        f"This kit is refused: {why}.",
        where=where,
        what_to_do="Use nothing of it. Ask the coordinator, by telephone, for a new one.",
    )


def _checked(files: dict[str, bytes]) -> Kit:
    text = files.pop(MANIFEST)
    manifest = KitManifest.model_validate_json(text)
    if set(files) != set(manifest.files):
        raise ValueError("its files are not the ones that its manifest names")
    if missing := _NEEDED - set(files):
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    for name, record in manifest.files.items():
        if (sha256(files[name]).hexdigest(), len(files[name])) != (record.sha256, record.size_bytes):
            raise ValueError(f"{name} is not the file that its manifest names")
    return Kit(manifest, text, files)


def _folder_content(folder: Path) -> dict[str, bytes]:
    # Not more of a hostile folder is listed than is needed to see that it is one.
    names: list[str] = []
    for one in folder.iterdir():
        names.append(one.name)
        if len(names) > len(_KNOWN):
            break
    _require_known(names)
    content = {}
    for name in names:
        if (folder / name).is_symlink():
            raise ValueError(f"{name} is a link")
        try:
            content[name] = read_file(folder / name, MOST_BYTES)
        except FedkdError as error:
            raise ValueError(f"{name} cannot be read or is too large") from error
    return content


def _zip_content(path: Path) -> dict[str, bytes]:
    try:
        packed = read_file(path, _MOST_BYTES_OF_ZIP)
    except FedkdError as error:
        raise ValueError("it cannot be read or is too large") from error
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        entries = archive.infolist()
        _require_known([entry.filename for entry in entries])
        return {entry.filename: _unpacked(archive, entry) for entry in entries}


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    mode = entry.external_attr >> 16
    if entry.create_system == _MADE_ON_UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise ValueError(f"{entry.filename} is a link or a device")
    # The size in the directory of a zip file can be a lie: no more than this is ever unpacked.
    with archive.open(entry) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{entry.filename} is too large")
    return content


def _require_known(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise ValueError("it holds two files of one name")
    if unknown := sorted(set(names) - _KNOWN):
        raise ValueError(f"it holds {unknown[0][:60]!r}, which does not belong there")
    if MANIFEST not in names:
        raise ValueError(f"it lacks {MANIFEST}")
