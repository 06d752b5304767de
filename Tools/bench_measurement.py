"""Print how long measuring takes: what follows a dragged landmark, everything, and both against reading the CT.

``python Tools/bench_measurement.py [CT --landmarks FILE]``; without a CT it paints a phantom of exact shape. Wanted on
two cores: a drag below 100 ms, everything below 3 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from rich.console import Console
from rich.table import Table

from fedkd.measurement.after_drag import DragSession
from fedkd.measurement.measure import MeasureOptions, measure_root
from fedkd.phantom.analytic import AnalyticRoot, paint_ct
from fedkd.pointsets import read_points
from fedkd.volumes import read_ct

DRAG_MS, EVERYTHING_MS = 100.0, 3000.0
_SPACING_MM = (0.8, 0.8, 0.8)
_MOVES, _REPEATS = 20, 3
_AIR_HU, _AIR_VOXELS = -1000, 8


def milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return elapsed time, and this process' own time on the processors: on a busy computer the two differ."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def phantom(folder: Path) -> tuple[Path, dict[str, tuple[float, float, float]]]:
    """Write a root of exact shape as a CT; there is air around it, without which it would not be read as a CT."""
    root = AnalyticRoot(center_lps_mm=(5.0, -20.0, 600.0))
    path = folder / "ct.nii.gz"
    margin = (_AIR_VOXELS,) * 3
    sitk.WriteImage(sitk.ConstantPad(paint_ct(root, root.grid(_SPACING_MM)), margin, margin, _AIR_HU), str(path))
    return path, root.landmarks_lps_mm()


def bench(ct_file: Path, points: dict[str, tuple[float, float, float]]) -> Table:
    read = [milliseconds(lambda: read_ct(ct_file)) for _ in range(_REPEATS)]
    ct = read_ct(ct_file)
    session = DragSession(ct.image)
    first = [milliseconds(lambda: session.follow(points))]
    moves = np.random.default_rng(1).normal(0, 1.0, (_MOVES, 3))
    dragged = [points | {"NCC": tuple((np.array(points["NCC"]) + move).tolist())} for move in moves]
    drag = [milliseconds(lambda moved=moved: session.follow(moved)) for moved in dragged]
    everything = [milliseconds(lambda: measure_root(ct, points, None, MeasureOptions())) for _ in range(_REPEATS)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    size = " x ".join(map(str, ct.image.GetSize()))
    table = Table(
        "what", "median ms", "longest ms", "processor ms", "of reading", "wanted ms", title=f"{size}, {cores} cores"
    )
    reading = statistics.median(wall for wall, _ in read)
    rows = (
        ("read the CT", read, None),
        ("first look at a root", first, None),
        ("after a drag", drag, DRAG_MS),
        ("everything", everything, EVERYTHING_MS),
    )
    for name, times, wanted in rows:
        walls = [wall for wall, _ in times]
        median = statistics.median(walls)
        own = statistics.median(cpu for _, cpu in times)
        limit = "" if wanted is None else f"{wanted:.0f}"
        table.add_row(name, f"{median:.0f}", f"{max(walls):.0f}", f"{own:.0f}", f"{median / reading:.2f}", limit)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ct", type=Path, nargs="?", help="a CT file or folder; default: a phantom")
    parser.add_argument("--landmarks", type=Path, help="its landmarks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.ct and options.landmarks:
            ct_file, points = options.ct, read_points(options.landmarks).defined_positions_lps_mm()
        else:
            ct_file, points = phantom(Path(folder))
        Console(width=100).print(bench(ct_file, points))


if __name__ == "__main__":
    main()
