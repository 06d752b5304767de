"""Write the schemas of provenance.json and of progress lines anew, after their models have changed."""

from __future__ import annotations

from pathlib import Path

from fedkd.cohort.schemas import schemas

FOLDER = Path(__file__).resolve().parents[1] / "FedKDSlicer" / "Resources" / "Schemas"

if __name__ == "__main__":
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)
