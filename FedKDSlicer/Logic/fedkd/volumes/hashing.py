"""Name inputs by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

_BLOCK_BYTES = 1 << 20


def sha256_of_files(files: Sequence[Path]) -> str:
    """Return the SHA-256 over the bytes of ``files``, one after the other in the given order."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()
