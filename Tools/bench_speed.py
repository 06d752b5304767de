"""Measure ``fedkd predict`` on phantoms of three sizes, side by side with the reference procedure.

``python Tools/bench_speed.py [--folder build/bench] [--quick] [--publish]``

What was measured with the same code before is not measured again: a run that was stopped goes on. For numbers to show,
nothing else should run on the computer. ``--quick`` runs everything once on a tiny phantom, to see that it works.
``--publish`` puts the results into Docs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from speed.measure import measure
from speed.plan import FULL, QUICK
from speed.plot import draw_plot
from speed.publish import publish
from speed.tables import machine_sentence, sheets_of

from fedkd.atomic import write_text_atomically


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="phantoms, steps and results")
    parser.add_argument("--quick", action="store_true", help="one small phantom, everything once")
    parser.add_argument("--publish", action="store_true", help="put tables and picture into Docs")
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    console = Console(width=190)
    report = measure(QUICK if options.quick else FULL, folder, console)
    write_text_atomically(folder / "speed.json", report.model_dump_json(indent=1) + "\n")
    draw_plot(report, folder / "speed.svg", folder / "speed.png")
    console.print(machine_sentence(report))
    for sheet in sheets_of(report):
        console.print(sheet.rich())
    if options.publish:
        publish(report, folder)
    console.print(f"Written: {folder / 'speed.json'}, speed.svg, speed.png")


if __name__ == "__main__":
    main()
