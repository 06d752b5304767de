"""Makes a run of phantoms: a folder of cases, one seed each."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from fedkd.phantom.fields import Field
from fedkd.phantom.files import is_finished, write_case
from fedkd.phantom.make import case_id, make_phantom
from fedkd.progress import ProgressEvent, Report, silent

# Runs with different seeds never share a case.
MOST_CASES = 100_000


def case_seeds(seed: int, cases: int) -> range:
    """Return the seeds of a run's cases."""
    if not 0 <= cases <= MOST_CASES or seed < 0:
        raise ValueError(f"seed must not be negative, cases at most {MOST_CASES}")
    return range(seed * MOST_CASES, seed * MOST_CASES + cases)


def make_cases(out: Path, cases: int, seed: int, field: Field, jobs: int = 1, report: Report = silent) -> list[Path]:
    """Write a run's case folders below ``out`` and return them; finished ones are kept as they are.

    Raises:
        FedkdError: the folder cannot be written.
        ValueError: seed or number of cases out of range.
    """
    seeds = case_seeds(seed, cases)
    folders = [out / case_id(s, field) for s in seeds]
    missing = [s for s, folder in zip(seeds, folders, strict=True) if not is_finished(folder)]
    for done, folder in enumerate(_written(out, missing, field, jobs), start=1):
        report(ProgressEvent("phantom", done / len(missing), folder.name))
    return folders


def _written(out: Path, seeds: list[int], field: Field, jobs: int) -> Iterator[Path]:
    make_one = partial(_make_case, out, field)
    if jobs <= 1 or len(seeds) <= 1:
        yield from map(make_one, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(seeds)), start_worker) as pool:
        yield from pool.imap_unordered(make_one, seeds)


def start_worker() -> None:
    """Prepare a process that makes phantoms."""
    # Ctrl-C reaches every process of the terminal; only the main one answers it, and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_tidily)


def _end_tidily(*_: object) -> None:
    raise SystemExit(1)  # an exception: half-written folders are removed on its way out


def _make_case(out: Path, field: Field, seed: int) -> Path:
    folder = out / case_id(seed, field)
    write_case(folder, make_phantom(seed, field))
    return folder
