"""Compress an NRRD file quickly."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from fedkd.volumes.deflate import new_deflater

_RAW, _GZIP = b"encoding: raw\n", b"encoding: gzip\n"
_ELSEWHERE = (b"data file:", b"datafile:")
_BLOCK_BYTES = 1 << 22
_LONGEST_LINE_BYTES = 1 << 16


def pack_nrrd(path: Path, target: IO[bytes]) -> None:
    """Write an uncompressed NRRD file, whose data follow its header, to ``target`` with its data compressed.

    Raises:
        ValueError: its data are compressed already, or lie in another file.
    """
    deflater = new_deflater()
    with path.open("rb") as file:
        target.write(b"".join(_compressed_header(file)))
        while block := file.read(_BLOCK_BYTES):
            target.write(deflater.compress(block))
    target.write(deflater.flush())


def _compressed_header(file: IO[bytes]) -> list[bytes]:
    lines = []
    while (line := file.readline(_LONGEST_LINE_BYTES)) not in (b"\n", b""):
        lines.append(line)
    if _RAW not in lines or line == b"" or any(one.startswith(_ELSEWHERE) for one in lines):
        raise ValueError("this NRRD file holds no uncompressed data")
    return [_GZIP if one == _RAW else one for one in (*lines, line)]
