"""The schema in the repository is that of what the command prints."""

from __future__ import annotations

from pathlib import Path

from fedkd.pointsets.document import schema_text

SCHEMA = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas" / "points.schema.json"


def test_the_schema_file_is_up_to_date():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: python -c 'from fedkd.pointsets.document import schema_text; print(schema_text(), end=\"\")' "
        f"> {SCHEMA}"
    )
