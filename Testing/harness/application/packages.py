"""``slicer.packaging``: installs nothing, remembers what was asked for."""

from __future__ import annotations

from typing import Any

#: what the code under test asked to install, and the answer to it
asked_for: list[tuple[str, ...]] = []
_granted: list[bool] = []


class NotInstalled(RuntimeError):  # noqa: N818 (what Slicer raises is a RuntimeError as well)
    """Nothing may be installed by a test."""


def grant_next() -> None:
    """Let the next request pass as if the packages had been there already."""
    _granted.append(True)


def pip_ensure(requirements: Any, **_how: Any) -> None:
    """Note the request; refuse it unless the test granted it."""
    _note(requirements)


def pip_install(requirements: Any, **_how: Any) -> None:
    """As :func:`pip_ensure`."""
    _note(requirements)


def load_requirements(path: Any) -> list[str]:
    """Return the lines of a requirements file that name packages."""
    from pathlib import Path

    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def pip_check(requirements: Any) -> bool:
    """Return whether everything is installed here."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    for each in _listed(requirements):
        requirement = Requirement(each)
        try:
            if version(requirement.name) not in requirement.specifier:
                return False
        except PackageNotFoundError:
            return False
    return True


def forget() -> None:
    asked_for.clear()
    _granted.clear()


def _listed(requirements: Any) -> tuple[str, ...]:
    return (str(requirements),) if isinstance(requirements, str) else tuple(str(each) for each in requirements)


def _note(requirements: Any) -> None:
    asked_for.append(_listed(requirements))
    if _granted:
        _granted.pop()
        return
    raise NotInstalled(f"the test lets nothing be installed: {', '.join(_listed(requirements))}")
