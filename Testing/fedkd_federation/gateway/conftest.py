"""One study on this computer for the tests of a file: a researcher's stand-in and a coordinator's gateway before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.gateways import EnrolledSite, Researcher, admitted_site, coordinator_files, researcher
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.nginx_process import NginxProcess


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Researcher]:
    """What the coordinator's gateway protects."""
    with researcher(tmp_path_factory.mktemp("researcher")) as running:
        yield running


@pytest.fixture
def coordinator(behind: Researcher, tmp_path: Path) -> CoordinatorFiles:
    """A coordinator whose gateway does not run."""
    return coordinator_files(tmp_path / "coordinator", behind.port, behind.pem)


@pytest.fixture
def running(coordinator: CoordinatorFiles) -> Iterator[CoordinatorFiles]:
    """A coordinator whose gateway runs."""
    with NginxProcess(coordinator.nginx):
        yield coordinator


@pytest.fixture
def site(coordinator: CoordinatorFiles, tmp_path: Path) -> EnrolledSite:
    """A site that was admitted; its gateway does not run."""
    return admitted_site(coordinator, tmp_path / "site", "aachen")
