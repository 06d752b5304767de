"""Versions of everything that can change a result."""

from __future__ import annotations

import importlib.metadata
import platform

import fedkd

_DISTRIBUTIONS = ("torch", "monai", "openvino", "SimpleITK", "numpy", "scipy", "slicer-core", "TotalSegmentator")


def versions_in_use() -> dict[str, str]:
    """Return the versions of fedkd, Python, the system, and the libraries that are installed."""
    found = {"fedkd": fedkd.__version__, "python": platform.python_version(), "system": platform.platform(terse=True)}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
