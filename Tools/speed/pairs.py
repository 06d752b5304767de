"""Prediction proper, by the product and by the reference procedure, in turns: what slows one slows the other.

Reading the CT is part of it, starting the process and loading the model are not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fedkd.backends import ReadyModel, Target, make_ready
from fedkd.models import load_model
from fedkd.prediction import predict_ready
from fedkd.prediction.reference_cube import cube_of
from fedkd.prediction.reference_procedure import Cube, look_as_reference
from fedkd.progress import silent
from fedkd.volumes import CtVolume, read_ct
from speed.counted import Notes, counted
from speed.plan import Plan
from speed.reference import reference_ready
from speed.results import Pairs, Proper

REFERENCE = "reference procedure"


@dataclass(frozen=True)
class _Contestant:
    model: ReadyModel
    notes: Notes
    predict: Callable[[CtVolume], object]


def run_pairs(ct_file: Path, plan: Plan, device: str) -> Pairs:
    """Let all contestants predict the CT, one after the other, as often as the plan says."""
    contestants = {f"fedkd, {backend}": _product(backend, device) for backend in plan.backends}
    contestants[REFERENCE] = _reference(torch.device(device), plan.cube_voxels)
    for contestant in contestants.values():
        _warm_up(contestant.model)
    rounds: dict[str, list[Proper]] = {name: [] for name in contestants}
    for _ in range(plan.rounds):
        for name, contestant in contestants.items():
            rounds[name].append(_time(contestant, ct_file))
    kept = {name: tuple(times) for name, times in rounds.items()}
    return Pairs(size=plan.compared.name, device=device, reference=REFERENCE, rounds=kept)


def _product(backend: str, device: str) -> _Contestant:
    notes = Notes()
    model = counted(make_ready(load_model(), Target(backend, device)), notes)
    return _Contestant(model, notes, lambda ct: predict_ready(ct, model, None, silent))


def _reference(device: torch.device, side: int) -> _Contestant:
    notes = Notes()
    model = counted(reference_ready(device), notes)

    def look(ct: CtVolume) -> object:
        grid = cube_of(ct.grid, model.student.stage.spacing_mm, side=side)
        return look_as_reference(ct, model.student, Cube(grid), lambda: None)

    return _Contestant(model, notes, look)


def _warm_up(model: ReadyModel) -> None:
    """Run each network once: the first patch takes longer."""
    for runner in (model.student, *([] if model.localizer is None else [model.localizer])):
        stage = runner.stage
        runner.probabilities(np.zeros((1, stage.network.in_channels, *(stage.patch_size,) * 3), np.float32))


def _time(contestant: _Contestant, ct_file: Path) -> Proper:
    contestant.notes.spells.clear()
    started, cpu = time.perf_counter(), time.process_time()
    ct = read_ct(ct_file)
    read_s = time.perf_counter() - started
    contestant.predict(ct)
    return Proper(
        whole_s=time.perf_counter() - started,
        whole_cpu_s=time.process_time() - cpu,
        read_s=read_s,
        network_s=sum(spell.end_s - spell.start_s for spell in contestant.notes.spells),
        patches=sum(spell.patches for spell in contestant.notes.spells),
    )
