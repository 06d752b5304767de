"""Two real sites and a real coordinator on this machine, from the first command to the averaged network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.federation import CALCIFICATION, Federation, Worker, free_port, study, worker, write_study

SITES = ("alpha", "beta")


class _Run:
    def __init__(self, root: Path, coordinator: Worker, sites: dict[str, Worker]) -> None:
        self.root, self.coordinator, self.sites = root, coordinator, sites


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Run]:
    root = tmp_path_factory.mktemp("federation")
    federation = Federation(root, free_port())
    study_path = root / "study.yaml"
    sha256 = write_study(study_path, study(SITES))
    with contextlib.ExitStack() as stack:
        coordinator = stack.enter_context(worker("coordinator", root / "coordinator.log"))
        sites = {site: stack.enter_context(worker("site", root / f"{site}.log")) for site in SITES}
        federation.make_cases("alpha", 3)
        federation.make_cases("beta", 2, without=(CALCIFICATION,))
        coordinator.tell(do="start", folder=root / "out", study=study_path, port=federation.port, wait_s=60)
        for site, process in sites.items():
            federation.set_up(process, site, study_path, sha256)
            process.tell(do="start", folder=federation.folder(site))
        coordinator.wait_for("result", "error", within_s=120)
        yield _Run(root, coordinator, sites)


def test_the_study_ends_with_both_sites_answers_in_both_rounds(run: _Run) -> None:
    assert run.coordinator.of_kind("error") == []
    rounds = run.coordinator.of_kind("round")
    assert [line["round"] for line in rounds] == [0, 1]
    for line in rounds:
        assert sorted(answer["site"] for answer in line["answers"]) == ["alpha", "beta"]
        assert line["moved"] > 0
