"""Write the schemas of our JSON files from the models that read and write them, or check that they are up to date.

``python Tools/write_schemas.py`` writes FedKDSlicer/Resources/Schemas; with ``--check`` it names what differs and ends
with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from fedkd.annotation import Reading
from fedkd.case.provenance import Provenance
from fedkd.cohort.messages import OutputLine
from fedkd.federation.evaluation_table import ResultTable
from fedkd.federation.study_file import StudyFile
from fedkd.measurement.document import MeasurementsDocument, ShapesDocument
from fedkd.models.card import ModelCard
from fedkd.pointsets.document import PointsDocument
from fedkd.review import ReviewDocument
from fedkd.session.messages import SessionLines
from fedkd.training.recipe import HeadLearning, Recipe

FOLDER = Path(__file__).resolve().parents[1] / "FedKDSlicer" / "Resources" / "Schemas"


DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Schema:
    """``mode``: "serialization" for what we write, "validation" for what people or other programs may write for us."""

    model: type[BaseModel]
    title: str
    mode: Literal["serialization", "validation"]

    def text(self) -> str:
        content = self.model.model_json_schema(mode=self.mode)
        return json.dumps({"$schema": DIALECT, **content, "title": self.title}, indent=2) + "\n"


SCHEMAS = {
    "head_learning.schema.json": Schema(HeadLearning, "How a head alone is trained: Recipes/heads.json", "validation"),
    "measurements.schema.json": Schema(MeasurementsDocument, "measurements.json", "serialization"),
    "model.schema.json": Schema(ModelCard, "model.json of a model package", "validation"),
    "points.schema.json": Schema(PointsDocument, "What fedkd points show --json prints", "serialization"),
    "progress.schema.json": Schema(OutputLine, "A line of --progress json", "serialization"),
    "provenance.schema.json": Schema(Provenance, "provenance.json", "serialization"),
    "reading.schema.json": Schema(Reading, "reading.json and draft.json of the inter-observer study", "serialization"),
    "recipe.schema.json": Schema(Recipe, "Recipe of fedkd train", "validation"),
    "review.schema.json": Schema(ReviewDocument, "review.json", "serialization"),
    "session.schema.json": Schema(SessionLines, "Lines of fedkd session: requests and answers", "serialization"),
    "shapes.schema.json": Schema(ShapesDocument, "shapes.json", "serialization"),
    "study.schema.json": Schema(StudyFile, "Study file of fedkd federation", "validation"),
    "study_table.schema.json": Schema(ResultTable, "Table of a federated study", "serialization"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 if a schema differs")
    arguments = parser.parse_args()
    wanted = {name: schema.text() for name, schema in SCHEMAS.items()}
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
    for name in stale:
        print(f"{name} {'differs' if name in wanted else 'belongs to nothing'}")
        if not arguments.check and name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
    if arguments.check and stale:
        print("Run: make schemas")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
