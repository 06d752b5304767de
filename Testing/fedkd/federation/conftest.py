"""Sites that all tests of this folder share; nobody writes into their cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.federation_sites import kept_names, training_names, write_site

ALL = ("hps", "ms", "calc")


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site a has hinge points and calcium, b the septum, h (held out) everything; a and b have unlabeled CTs, too."""
    folder = tmp_path_factory.mktemp("sites")
    first, second, third = training_names(3)
    test = kept_names(1)[0]
    write_site(
        folder / "cases" / "a", 100, {first: ("hps", "calc"), second: ("hps",), third: (), test: ("hps", "calc")}
    )
    write_site(folder / "cases" / "b", 200, {first: ("ms",), second: ("ms",), third: (), test: ("ms",)})
    write_site(folder / "cases" / "h", 300, {first: ALL, test: ALL})
    return folder
