"""The schemas in the repository are those of the models, and what the repository ships follows them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from structure.source_tree import ROOT

RESOURCES = ROOT / "FedKDSlicer" / "Resources"
# Of one head alone, on whatever network; all others are of a whole network.
HEAD_RECIPE = RESOURCES / "Recipes" / "heads.json"
RECIPES = sorted(path for path in (RESOURCES / "Recipes").glob("*.json") if path != HEAD_RECIPE)
MODEL_CARDS = sorted((RESOURCES / "Models").glob("*/model.json"))


def schema_of(name: str) -> dict[str, object]:
    return json.loads((RESOURCES / "Schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_schemas_are_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "Tools" / "write_schemas.py", "--check"], capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", sorted(path.name.split(".")[0] for path in (RESOURCES / "Schemas").glob("*.json")))
def test_schema_is_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_follows_its_schema(recipe: Path) -> None:
    jsonschema.validate(json.loads(recipe.read_text(encoding="utf-8")), schema_of("recipe"))


def test_recipe_of_a_head_follows_its_schema() -> None:
    jsonschema.validate(json.loads(HEAD_RECIPE.read_text(encoding="utf-8")), schema_of("head_learning"))


@pytest.mark.parametrize("card", MODEL_CARDS, ids=lambda path: path.parent.name)
def test_model_card_follows_its_schema(card: Path) -> None:
    jsonschema.validate(json.loads(card.read_text(encoding="utf-8")), schema_of("model"))
