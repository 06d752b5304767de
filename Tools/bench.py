"""Print seconds per stage and peak memory of predicted cases, from what each case's provenance.json recorded.

``python Tools/bench.py demo/results``
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fedkd.case.provenance import Provenance, read_provenance


def row(provenance: Provenance) -> dict[str, str]:
    """Return the columns of one case."""
    taken = provenance.finished_utc - provenance.started_utc
    memory = provenance.peak_memory_mb
    return {
        "case": provenance.case,
        "voxels": " x ".join(map(str, provenance.input.size_xyz)),
        **{f"{stage} (s)": f"{seconds:.1f}" for stage, seconds in provenance.seconds_by_stage.items()},
        "whole (s)": f"{taken.total_seconds():.1f}",
        "peak (MB)": "" if memory is None else f"{memory:.0f}",
    }


def main(results: Path) -> int:
    rows = [row(found) for folder in sorted(results.iterdir()) if (found := read_provenance(folder))]
    if not rows:
        print(f"No predicted case in {results}")
        return 1
    columns = list(dict.fromkeys(column for cells in rows for column in cells))
    table = Table(*columns)
    for cells in rows:
        table.add_row(*(cells.get(column, "") for column in columns))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
