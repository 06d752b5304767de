"""One course of a federation for many tests: starting its processes takes most of the time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.federation import Cable, Federation, Worker, free_port, worker
from builders.federation_sites import study, train_stage

SITES = ("alpha", "beta", "gamma")
HELD_OUT = "h"
FAULTS = ("nan", "shapes", "slow", "full", "cut", "frozen", "killed")
DEADLINE_S, LOST_AFTER_S, CUT_S = 25, 9, 5
LONG_ROUNDS = 4


@dataclass
class Course:
    """What happened: a plain stage, one stage for each fault of gamma, and a long one whose coordinator is killed."""

    federation: Federation
    first: Worker
    second: Worker
    sites: dict[str, Worker]
    gamma_again: Worker

    def round_of(self, stage: str, number: int = 0) -> dict[str, Any]:
        """Return what the coordinator told of a round."""
        lines = [*self.first.of_kind("round"), *self.second.of_kind("round")]
        found = [line for line in lines if (line["stage"], line["round"]) == (stage, number)]
        assert found, f"no round {number} of {stage}: {lines}"
        return found[-1]


@contextlib.contextmanager
def played(root: Path) -> Iterator[Course]:
    """Play it, and keep its processes until the block ends."""
    stages = [
        train_stage("plain"),
        *(train_stage(fault, rounds=1) for fault in FAULTS),
        train_stage("long", rounds=LONG_ROUNDS),
    ]
    participation = {"quorum": 2, "deadline_s": DEADLINE_S, "tries": 3}
    whole = study(stages, SITES, participation=participation)
    federation = Federation(root, whole, free_port())
    federation.make({"alpha": (("hps", "calc"), ("hps",)), "beta": (("hps",),), "gamma": (("calc", "ms"),)})
    cable = Cable(federation.port)
    with contextlib.ExitStack() as stack:

        def start(kind: str, name: str, module: str = "fedkd_federation") -> Worker:
            return stack.enter_context(worker(kind, federation.root / f"{name}.log", module))

        first = start("coordinator", "coordinator")
        sites = {site: start("site", site) for site in ("alpha", "beta")}
        sites["gamma"] = start("site", "gamma", "builders.bad_site")
        federation.start_coordinator(first, lost_after_s=LOST_AFTER_S)
        for site, process in sites.items():
            federation.set_up(process, site, cable.port if site == "gamma" else None)
            federation.start_site(process, site)
        gamma_again = _play_faults(federation, first, sites["gamma"], cable, start)
        first.wait_for_round("long", 1)
        first.kill()
        second = start("coordinator", "coordinator-again")
        federation.start_coordinator(second, lost_after_s=LOST_AFTER_S)
        second.wait_for("result", "error", within_s=500)
        yield Course(federation, first, second, sites, gamma_again)


def _play_faults(federation: Federation, coordinator: Worker, gamma: Worker, cable: Cable, start: Any) -> Worker:
    gamma.wait_for_task("cut")
    cable.cut()
    time.sleep(CUT_S)
    cable.mend()
    coordinator.wait_for_round("frozen", 0)
    gamma.thaw()
    gamma.process.wait(60)
    again: Worker = start("site", "gamma-again")
    federation.start_site(again, "gamma")
    return again
