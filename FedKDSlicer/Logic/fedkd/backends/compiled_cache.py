"""Compiled networks, kept for the next time: making one takes as long as predicting several CTs.

A cache may be lost at any time: whatever goes wrong here, the network is compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from fedkd.atomic import write_atomically
from fedkd.errors import FedkdError
from fedkd.models.card import StageSpec
from fedkd.networks.multi_head import MultiHeadNetwork

_SUFFIX = ".compiled"
_DIGEST_BYTES = hashlib.sha256().digest_size
# A package has two networks; older versions of models and libraries make room for newer ones.
_MOST_FILES = 12
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class CompiledCache:
    """A folder of compiled networks. Each file begins with the SHA-256 of the rest, so that damage is seen."""

    folder: Path

    @classmethod
    def of_user(cls) -> CompiledCache:
        """Return the user's own cache, in the system's place for it."""
        return cls(platformdirs.user_cache_path("FedKDSlicer", appauthor=False) / "compiled")

    def read(self, key: tuple[str, ...]) -> bytes | None:
        """Return what was stored under ``key``; None when it is not there, damaged, or others could have written it."""
        path = self._path(key)
        try:
            if not (self._is_ours_alone() and _is_ours(path.stat())):
                return None
            with path.open("rb") as file:
                digest, content = file.read(_DIGEST_BYTES), file.read()
        except OSError:
            return None
        return content if hashlib.sha256(content).digest() == digest else None

    def write(self, key: tuple[str, ...], content: bytes) -> None:
        """Store ``content`` under ``key``, if that is possible, and remove the oldest files when there are many."""
        with contextlib.suppress(OSError, FedkdError):
            # Nobody else may bring files that this user's runs would load.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_ours_alone():
                return
            write_atomically(self._path(key), lambda temporary: _write(temporary, content))
            self._remove_oldest()

    def _is_ours_alone(self) -> bool:
        """True where nobody but this user can bring or change files: a compiled network is code."""
        status = self.folder.stat()
        return os.name == "nt" or (_is_ours(status) and not status.st_mode & _WRITABLE_BY_OTHERS)

    def _path(self, key: tuple[str, ...]) -> Path:
        return self.folder / (hashlib.sha256("\n".join(key).encode()).hexdigest()[:40] + _SUFFIX)

    def _remove_oldest(self) -> None:
        files = sorted(self.folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in files[:-_MOST_FILES]:
            path.unlink(missing_ok=True)


def network_digest(network: MultiHeadNetwork, stage: StageSpec) -> str:
    """Return a SHA-256 over the network's description, its patches, and every tensor in it."""
    digest = hashlib.sha256(f"{stage.network.model_dump_json()} {stage.patch_size}".encode())
    for name, value in sorted(network.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()


def _is_ours(status: os.stat_result) -> bool:
    return os.name == "nt" or status.st_uid == os.geteuid()  # Windows keeps users' folders apart


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:  # one after the other: put together they would be a second copy in memory
        file.write(hashlib.sha256(content).digest())
        file.write(content)
