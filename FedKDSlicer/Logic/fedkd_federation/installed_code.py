"""Which code is installed here. To approve a plan is to approve this code: Fed-BioMed compares the plan's text only."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict

import fedkd

_PACKAGES = ("fedkd", "fedkd_federation")
_LIBRARIES = ("fedbiomed", "monai", "torch")


class InstalledCode(BaseModel):
    """What would run here.

    Args:
        version: of the engine.
        sha256: over every Python file of the engine and of this package, by name.
        libraries: versions of what computes and what carries.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    sha256: str
    libraries: dict[str, str]

    def difference_to(self, other: InstalledCode) -> str:
        """Return in words what differs, empty when nothing does.

        Libraries may differ: sites with and without a GPU have different builds of torch.
        """
        if self.version != other.version:
            return f"version {self.version} is installed, {other.version} was approved"
        if self.sha256 != other.sha256:
            return f"the installed code of version {self.version} is not the approved code of that version"
        return ""


def installed_code() -> InstalledCode:
    """Return what is installed."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        root = _folder_of(package)
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{package}/{path.relative_to(root).as_posix()}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    libraries = {name: version(name) for name in _LIBRARIES}
    return InstalledCode(version=fedkd.__version__, sha256=digest.hexdigest(), libraries=libraries)


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
