"""Compressed data by Intel's library where it is installed, else by zlib: the same formats and the same checksums.

Measured on CTs it unpacks 2.6 times as fast as zlib, and packs 4 times as fast to nearly the same length.
"""

from __future__ import annotations

import zlib
from typing import Any

try:
    from isal import isal_zlib

    _library: Any = isal_zlib
    FAST_LEVEL = 3  # its strongest; weaker ones are not faster
except ImportError:  # there are no wheels for Windows on ARM
    _library = zlib
    FAST_LEVEL = 1

# What reading raises when data are damaged or end too early.
DEFLATE_ERRORS: tuple[type[Exception], ...] = (_library.error, zlib.error, EOFError)
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # told by the first bytes


def new_inflater() -> Any:  # noqa: ANN401 - its type has no public name
    """Return what unpacks one stream of gzip or zlib, like ``zlib.decompressobj``."""
    return _library.decompressobj(wbits=_GZIP_OR_ZLIB)


def new_deflater() -> Any:  # noqa: ANN401 - its type has no public name
    """Return what packs as gzip, quickly, like ``zlib.compressobj``."""
    return _library.compressobj(FAST_LEVEL, zlib.DEFLATED, _GZIP)
