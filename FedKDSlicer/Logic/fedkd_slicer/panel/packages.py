"""What the engine needs in Slicer's own Python: whether it is there, and how it is installed once the user agrees."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from fedkd.errors import ExitCode
from fedkd.plain_text import printable
from fedkd_slicer.panel.engine.trouble import Trouble

_REQUIREMENTS_FILE = Path(__file__).resolve().parents[3] / "Resources" / "requirements.txt"
_REQUESTER = "FedKDSlicer"
_AT_LEAST = re.compile(r"(?P<name>[A-Za-z0-9._-]+)>=(?P<version>[0-9.]+)")


def requirements() -> list[str]:
    """Return the requirements, as pip takes them."""
    lines = (line.partition("#")[0].strip() for line in _REQUIREMENTS_FILE.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def are_installed() -> bool:
    """Return whether everything is there; nothing is imported to find out."""
    if _has_packaging():
        return bool(slicer.packaging.pip_check(requirements()))
    return all(_is_installed(requirement) for requirement in requirements())


def install() -> Trouble | None:
    """Ask the user, and install what is missing; return why that was not done, None when all is there.

    Slicer shows how far it is, and goes on answering meanwhile.
    """
    try:
        if _install_torch() and _install_others():
            return None
    except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
        return _not_installed(printable(str(error)))
    return _not_installed("")


def _install_torch() -> bool:
    """Leave torch to the extension that knows which build fits this computer's graphics card."""
    wanted = next(each for each in requirements() if each.startswith("torch>="))
    if _is_installed(wanted):
        return True
    try:
        from PyTorchUtils import PyTorchUtilsLogic
    except ImportError:
        return True  # without that extension pip takes the build for everybody
    version = wanted.removeprefix("torch")
    return PyTorchUtilsLogic().installTorch(askConfirmation=True, torchVersionRequirement=version) is not None


def _install_others() -> bool:
    if _has_packaging():
        slicer.packaging.pip_ensure(requirements(), requester=_REQUESTER)
        return True
    question = _("FedKDSlicer needs Python packages that are not installed. Download and install them into Slicer now?")
    if not slicer.util.confirmOkCancelDisplay(question):
        return False
    slicer.util.pip_install(["-r", str(_REQUIREMENTS_FILE)])
    return True


def _has_packaging() -> bool:
    """Return whether this is Slicer 5.12 or later."""
    return (slicer.app.majorVersion, slicer.app.minorVersion) >= (5, 12)


def _is_installed(requirement: str) -> bool:
    """Return whether a package is there in that version or a later one; one for some computers only is not missed."""
    wanted = _AT_LEAST.fullmatch(requirement)
    if wanted is None:
        return True
    try:
        installed = importlib.metadata.version(wanted["name"])
    except importlib.metadata.PackageNotFoundError:
        return False
    return _numbers(installed) >= _numbers(wanted["version"])


def _numbers(version: str) -> tuple[int, ...]:
    release = re.match(r"[0-9.]*", version)
    return tuple(int(part) for part in (release[0] if release else "").split(".") if part)


def _not_installed(details: str) -> Trouble:
    return Trouble(
        _("The packages that predictions need are not installed."),
        _("Slicer's Python"),
        _('Press "Predict" again to be asked again, or choose another Python on the Settings tab.'),
        ExitCode.DEPENDENCY_MISSING.name,
        details,
    )
