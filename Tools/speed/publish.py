"""Puts results into the documents: no number there is copied by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from fedkd.atomic import write_text_atomically
from speed.results import SpeedReport
from speed.tables import machine_sentence, sheets_of

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_DOCS = Path(__file__).resolve().parents[2] / "Docs"
_DOCUMENT = _DOCS / "benchmarks.md"
_PICTURES = _DOCS / "Screenshots"


def publish(report: SpeedReport, folder: Path) -> None:
    """Write tables, picture and JSON into Docs.

    Raises:
        ValueError: they are of a quick run, which shows nothing.
    """
    if report.quick:
        raise ValueError("A quick run is not for publication.")
    text = _DOCUMENT.read_text(encoding="utf-8")
    write_text_atomically(_DOCUMENT, with_measured(text, report))
    for name in ("speed.svg", "speed.png"):
        shutil.copyfile(folder / name, _PICTURES / name)


def with_measured(text: str, report: SpeedReport) -> str:
    """Return the document's text with the tables between its two marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    tables = "\n\n".join(sheet.markdown() for sheet in sheets_of(report))
    return f"{before}{BEGIN}\n{machine_sentence(report)}\n\n{tables}\n{END}{after}"
