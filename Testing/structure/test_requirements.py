"""The locks cover what is asked for and stay free of what ties them to one machine."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from structure.source_tree import ROOT

REQUIREMENTS = ROOT / "requirements"


def requirements_of(file_name: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (REQUIREMENTS / file_name).read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


@pytest.mark.parametrize("group", ["engine", "slicer", "dev"])
def test_lock_pins_everything_that_is_asked_for(group: str) -> None:
    pinned = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements_of(f"{group}.txt")}
    for wanted in requirements_of(f"{group}.in"):
        assert Version(pinned[canonicalize_name(wanted.name)]) in wanted.specifier


def test_locks_agree_with_each_other_and_name_plain_versions() -> None:
    pins: dict[str, str] = {}
    for lock in ("engine.txt", "slicer.txt", "dev.txt"):
        for requirement in requirements_of(lock):
            # No "+cpu": torch's CPU build is taken where pip is offered one.
            assert re.fullmatch(r"==[0-9.]+(post\d+)?", str(requirement.specifier)), requirement
            assert pins.setdefault(canonicalize_name(requirement.name), str(requirement.specifier)) == str(
                requirement.specifier
            ), requirement


def test_slicer_is_asked_for_what_the_engine_imports() -> None:
    in_slicer = (ROOT / "FedKDSlicer" / "Resources" / "requirements.txt").read_text("utf-8").splitlines()
    asked = {r.name: r for r in (Requirement(line) for line in in_slicer if line and not line.startswith("#"))}
    wanted = {r.name: r for r in requirements_of("engine.in")}
    assert asked.keys() == wanted.keys()
    for name, requirement in wanted.items():
        assert asked[name].marker == requirement.marker
        # Other extensions bring packages, too: a later version has to do, and none is named exactly.
        at_least = str(requirement.specifier).replace("==", ">=")
        assert str(asked[name].specifier) == at_least, name
