"""Secure aggregation: the coordinator gets the sites' mean, and of no site anything that it could read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from builders.federation import Federation, Worker, free_port, worker
from builders.federation_sites import study, train_stage
from fedkd.federation.orchestra import Orchestra
from fedkd.federation.place import SitePlace
from fedkd.federation.simulated import SimulatedRounds
from fedkd.federation.stage_store import StageStore
from fedkd_federation.audit import read_audit
from fedkd_federation.site_folder import SiteFolder

SITES = ("alpha", "beta")
# Fed-BioMed cuts numbers off at 3 and writes them with 13 bits.
STEP = 2 * 3 / 2**13


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, Worker]]:
    stage = train_stage(heads=["hps"], rounds=1)
    content = study([stage], SITES, privacy={"secure_aggregation": True}, participation={"deadline_s": 120, "tries": 1})
    federation = Federation(tmp_path_factory.mktemp("secure"), content, free_port())
    federation.make({"alpha": (("hps",), ("hps",)), "beta": (("hps",),)})
    with contextlib.ExitStack() as stack:
        coordinator = stack.enter_context(worker("coordinator", federation.root / "coordinator.log"))
        sites = {name: stack.enter_context(worker("site", federation.root / f"{name}.log")) for name in SITES}
        federation.start_coordinator(coordinator)
        for name, process in sites.items():
            federation.set_up(process, name)
            federation.start_site(process, name)
        coordinator.wait_for("result", "error", within_s=400)
        yield federation, coordinator


@pytest.mark.usefixtures("one_thread")
def test_the_network_is_the_mean_that_all_could_have_made_in_the_open(
    finished: tuple[Federation, Worker], tmp_path: Path
) -> None:
    federation, coordinator = finished
    assert coordinator.of_kind("error") == []
    places = {name: SitePlace(name, federation.cases(name), tmp_path / name) for name in SITES}
    orchestra = Orchestra(federation.study, SimulatedRounds(federation.study, places), tmp_path / "out", lambda _: None)
    orchestra.run()
    open_mean = orchestra.store_of("fed").read()
    kept = StageStore(federation.out / "stages" / "fed", federation.study.sha256).read()
    assert open_mean is not None
    assert kept is not None
    for name, value in open_mean.weights.items():
        torch.testing.assert_close(kept.weights[name], value.clamp(-3, 3), rtol=0, atol=2 * STEP)


def test_only_encrypted_numbers_left_the_sites(finished: tuple[Federation, Worker]) -> None:
    federation, _ = finished
    for name in SITES:
        lines = read_audit(SiteFolder(federation.folder(name)).audit)
        contents = [line.content for line in lines if line.what == "TrainReply"]
        assert len(contents) == 1
        assert "encrypted numbers" in contents[0]
