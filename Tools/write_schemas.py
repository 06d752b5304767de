"""Write the schemas of our JSON files from the models that read and write them, or check that they are up to date.

``python Tools/write_schemas.py`` writes FedKDSlicer/Resources/Schemas; with ``--check`` it names what differs and ends
with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pydantic import BaseModel

from fedkd.cohort.schemas import schemas as schemas_of_predict
from fedkd.models.card import ModelCard
from fedkd.pointsets.document import schema_text as schema_of_points
from fedkd.training.recipe import Recipe

FOLDER = Path(__file__).resolve().parents[1] / "FedKDSlicer" / "Resources" / "Schemas"


def input_schema(model: type[BaseModel], title: str) -> str:
    """Return the schema of a file that people or other programs may write for us."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(), "title": title}
    return json.dumps(schema, indent=2) + "\n"


def all_schemas() -> dict[str, str]:
    """Return the text of every schema by file name."""
    return schemas_of_predict() | {
        "points.schema.json": schema_of_points(),
        "model.schema.json": input_schema(ModelCard, "model.json of a model package"),
        "recipe.schema.json": input_schema(Recipe, "Recipe of fedkd train"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 if a schema differs")
    arguments = parser.parse_args()
    wanted = all_schemas()
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
