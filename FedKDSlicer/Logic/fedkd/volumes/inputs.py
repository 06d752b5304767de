"""Turn the paths a user names into a list of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CtInput:
    """One CT to work on: ``case_id`` is safe as a folder name and unique in its list."""

    case_id: str
    path: Path


def list_ct_inputs(paths: Sequence[Path]) -> list[CtInput]:
    """Return one input for every CT among the files and folders."""
    return [CtInput(Path(path).name.split(".")[0], Path(path)) for path in paths]
