"""``fedkd predict`` as a user starts it: a process, with all that it starts."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from fedkd.backends import Target, make_ready
from fedkd.case.labeled_files import CT_FILE
from fedkd.case.provenance import Provenance, read_provenance
from fedkd.models import load_model
from speed.counted import Spell, seconds_of
from speed.counted_command import NOTES_VARIABLE
from speed.plan import Plan, Size
from speed.results import CommandRun, CountedRun, SizeRuns
from speed.steps import in_own_process
from speed.timed_process import ProcessTime, run_timed

_CACHE_VARIABLE = "XDG_CACHE_HOME"
_MODULE = (sys.executable, "-P", "-m", "fedkd")
_COUNTED = (sys.executable, str(Path(__file__).with_name("counted_command.py")))


@dataclass(frozen=True)
class Bench:
    """Where runs put their files. The cache of compiled networks is the benchmark's own: the user's stays as it is."""

    folder: Path

    @property
    def results(self) -> Path:
        """Case folders, thrown away after each run."""
        return self.folder / "results"

    @property
    def cache(self) -> Path:
        """What ``~/.cache`` is otherwise."""
        return self.folder / "cache"

    def environment(self) -> dict[str, str]:
        """Return the environment of a run."""
        return os.environ | {_CACHE_VARIABLE: str(self.cache)}


def runs_of(size: Size, ct: Path, plan: Plan, bench: Bench) -> SizeRuns:
    """Run the whole command on one phantom: cold, if the plan says so, then warm with each backend."""
    cold = None
    if size in plan.cold:
        shutil.rmtree(bench.cache, ignore_errors=True)
        cold = run_command(ct, plan.backends[0], bench)
    else:
        in_own_process(_compile, plan.backends[0], str(bench.cache))
    warm = {
        backend: tuple(run_command(ct, backend, bench) for _ in range(plan.warm_runs if number == 0 else 1))
        for number, backend in enumerate(plan.backends)
    }
    return SizeRuns(
        name=size.name,
        size_xyz=size.size_xyz,
        spacing_mm=size.spacing_mm,
        file_mb=ct.stat().st_size / 1e6,
        cold=cold,
        warm=warm,
    )


def run_command(ct: Path, backend: str, bench: Bench, model: Path | None = None) -> CommandRun:
    """Predict one CT, and return what it took."""
    options = ["--backend", backend, *([] if model is None else ["--model", str(model)])]
    took, cases = _predict(_MODULE, [ct], options, bench)
    (case,) = cases
    case_s = (case.finished_utc - case.started_utc).total_seconds()
    return CommandRun(
        backend=case.backend or "",
        wall_s=took.wall_s,
        cpu_s=took.cpu_s,
        case_s=case_s,
        startup_s=took.wall_s - case_s,
        stages_s=case.seconds_by_stage,
        peak_rss_mb=took.peak_rss_mb,
        peak_pss_mb=took.peak_pss_mb,
        scene_made=case.scene.status == "made",
        pdf_made="report.pdf" in case.files,
        points_found=sum(point.found for point in case.landmarks),
    )


def run_counted(ct: Path, cases: int, backend: str, bench: Bench) -> CountedRun:
    """Predict the CT under several names in one command, and return how long the networks ran in it."""
    inputs = bench.folder / "cohort"
    shutil.rmtree(inputs, ignore_errors=True)
    inputs.mkdir(parents=True)
    notes = inputs / "spells.jsonl"
    notes.touch()
    names = [inputs / f"case{number:02d}{CT_FILE.removeprefix('ct')}" for number in range(cases)]
    for name in names:
        os.link(ct, name)
    os.environ[NOTES_VARIABLE] = str(notes)
    took, done = _predict(_COUNTED, names, ["--backend", backend], bench)
    spells = [Spell(**json.loads(line)) for line in notes.read_text(encoding="ascii").splitlines()]
    shutil.rmtree(inputs)
    if not spells:
        raise RuntimeError("No network was seen running: the worker does not use make_ready any more.")
    ends = sorted(case.finished_utc.timestamp() for case in done)
    begin, ended = (ends[0], cases - 1) if cases > 1 else (done[0].started_utc.timestamp(), 1)
    return CountedRun(
        cases=cases,
        seconds_a_case=(ends[-1] - begin) / ended,
        network_s_a_case=seconds_of(spells) / cases,
        wall_s=took.wall_s,
        peak_rss_mb=took.peak_rss_mb,
        peak_pss_mb=took.peak_pss_mb,
    )


def _predict(
    program: tuple[str, ...], cts: list[Path], options: list[str], bench: Bench
) -> tuple[ProcessTime, list[Provenance]]:
    """Run the command into an empty folder; return what it took and the provenance of every case."""
    shutil.rmtree(bench.results, ignore_errors=True)
    output = ["--output", str(bench.results), "--progress", "none"]
    took = run_timed([*program, "predict", *map(str, cts), *output, *options], bench.environment())
    found = [read_provenance(folder) for folder in sorted(bench.results.iterdir()) if folder.is_dir()]
    cases = [case for case in found if case is not None]
    if len(cases) != len(cts):
        raise RuntimeError(f"{len(cases)} of {len(cts)} cases were made in {bench.results}")
    shutil.rmtree(bench.results)
    return took, cases


def _compile(backend: str, cache: str) -> None:
    os.environ[_CACHE_VARIABLE] = cache
    make_ready(load_model(), Target(backend))
