"""Measure roots whose shape is known exactly and print how far the measurements are off, beside what is allowed.

Calcium is held to what the threshold shows of it, and in one case, whose threshold lies midway between blood and
calcium, to the calcium's own volume. ``python Tools/measurement_accuracy.py``: exit code 1 when a limit is broken.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from rich.console import Console
from rich.table import Table

from fedkd.anatomy import CALCIFIED_PART_LABELS
from fedkd.geometry import Grid
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.measure import MeasuredRoot, MeasureOptions, measure_root
from fedkd.phantom.analytic import Blob, truth
from fedkd.phantom.analytic.cases import AccuracyCase, accuracy_cases, midway_case
from fedkd.phantom.analytic.seen_calcium import seen_calcium_mm3
from fedkd.volumes import CtSource, CtVolume

AREA_PART = 0.03
DIAMETER_MM = 0.5
HEIGHT_MM = 0.3
JUNCTION_HEIGHT_MM = 1.5
ANGLE_DEG = 0.5
CALCIUM_PART = 0.10
WRONG_PART = 0.05  # of all calcium, in a part that has none


@dataclass(frozen=True)
class Row:
    """One measurement of one case. ``limit`` is in the measurement's unit; None: nothing is asked of it."""

    case: str
    key: str
    truth: float
    measured: float | str | None
    reason: str | None
    limit: float | None

    @property
    def error(self) -> float | None:
        return self.measured - self.truth if isinstance(self.measured, float) else None

    @property
    def is_broken(self) -> bool:
        return self.limit is not None and (self.error is None or abs(self.error) > self.limit)


def limit(key: str, true_values: dict[str, float]) -> float | None:
    """Return how far a measurement may be off."""
    value, unit = true_values[key], BY_KEY[key].unit
    if key.endswith("_area_mm2"):
        return AREA_PART * value
    if key.endswith("_mm3"):
        return CALCIUM_PART * value if value else WRONG_PART * true_values["calcium_total_mm3"]
    if key == "stj_height_mm":
        return JUNCTION_HEIGHT_MM
    if "_perimeter_mm" in key and "diameter" not in key:
        return None  # its diameter has a limit
    if "diameter" in key:
        return DIAMETER_MM
    if unit == "deg":
        return ANGLE_DEG
    return HEIGHT_MM if unit == "mm" else None


def rows(case: AccuracyCase) -> list[Row]:
    """Measure one case with exact landmarks."""
    # Calcium as thresholds measure it, the default one: see `fedkd.phantom.analytic.seen_calcium`.
    threshold_hu = case.root.tissues.blood + 100
    true_values = truth(case.root) | seen_calcium_mm3(case.root, case.scan, threshold_hu)
    found = _measured(case, MeasureOptions())
    return [_row(case, key, true_values, found) for key in BY_KEY if key in true_values]


def own_volume_rows(case: AccuracyCase) -> list[Row]:
    """Measure calcium of 1300 HU in blood of 400 HU above 850 HU, and compare it with its own volume."""
    true_values = {key: value for key, value in truth(case.root).items() if key.endswith("_mm3")}
    found = _measured(case, MeasureOptions(CalciumThreshold.FIXED_850))
    own = [_row(case, key, true_values, found) for key in BY_KEY if key in true_values]
    if found.calcium is None:
        return own
    return own + [_misplaced(case, blob, found.calcium) for blob in case.root.blobs]


def _misplaced(case: AccuracyCase, blob: Blob, labels: sitk.Image) -> Row:
    """Return how much of a lump's calcium, which lies in one part wholly, was counted in another."""
    grid, counted = Grid.of(labels), np.argwhere(sitk.GetArrayViewFromImage(labels))
    away_mm = np.linalg.norm(grid.index_to_lps(counted[:, ::-1]) - blob.center_lps_mm, axis=1)
    found = sitk.GetArrayViewFromImage(labels)[tuple(counted[away_mm < blob.radius_mm + 1].T)]
    wrong_mm3 = float(np.count_nonzero(found != CALCIFIED_PART_LABELS[blob.part]) * np.prod(grid.spacing_mm))
    return Row(case.name, f"{blob.part} in other parts, mm3", 0.0, wrong_mm3, None, WRONG_PART * blob.volume_mm3)


def _measured(case: AccuracyCase, options: MeasureOptions) -> MeasuredRoot:
    source = CtSource(Path(case.name), "phantom", "")
    return measure_root(CtVolume(case.ct(), source), case.root.landmarks_lps_mm(), None, options)


def _row(case: AccuracyCase, key: str, true_values: dict[str, float], found: MeasuredRoot) -> Row:
    quantity = found.measurements.quantities[key]
    return Row(case.name, key, true_values[key], quantity.value, quantity.reason, limit(key, true_values))


def table(title: str, some: list[Row]) -> Table:
    """Return the rows of one case as a table."""
    shown = Table("measurement", "truth", "measured", "error", "limit", title=title)
    for row in some:
        measured = f"{row.measured:.2f}" if isinstance(row.measured, float) else str(row.reason)
        error = "" if row.error is None else f"{row.error:+.2f}"
        allowed = "" if row.limit is None else f"{row.limit:.2f}"
        shown.add_row(row.key, f"{row.truth:.2f}", measured, error, allowed, style="bold red" if row.is_broken else "")
    return shown


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 120)
    found: list[Row] = []
    own_volume = midway_case()
    for title, some in (
        *((case.name, rows(case)) for case in accuracy_cases()),
        (own_volume.name, own_volume_rows(own_volume)),
    ):
        console.print(table(title, some))
        found += some
    broken = [row for row in found if row.is_broken]
    limited = sum(row.limit is not None for row in found)
    console.print(f"{limited - len(broken)} of {limited} measurements are within their limits.")
    for row in broken:
        console.print(f"Too far off: {row.key} of the case {row.case!r}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
