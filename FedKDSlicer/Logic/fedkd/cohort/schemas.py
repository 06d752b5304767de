"""The JSON schemas of what we write, made from the models that write it."""

from __future__ import annotations

import json
from typing import Any

from fedkd.case.provenance import Provenance
from fedkd.cohort.messages import OutputLine

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Return the text of each schema file in Resources/Schemas that belongs to ``fedkd predict``, by file name."""
    return {
        "provenance.schema.json": _text(Provenance.model_json_schema(mode="serialization"), "provenance.json"),
        "progress.schema.json": _text(
            OutputLine.model_json_schema(mode="serialization"), "A line of fedkd predict --progress json"
        ),
    }


def _text(schema: dict[str, Any], title: str) -> str:
    return json.dumps({"$schema": _DIALECT, **schema, "title": title}, indent=2) + "\n"
