"""Which cases an observer has to read, in an order of the observer's own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fedkd.annotation.files import DRAFT_FILE, READING_FILE, ReadingPlace
from fedkd.volumes import list_ct_inputs

_MOST_READINGS = 99


@dataclass(frozen=True)
class WorklistItem:
    """A case: ``number`` is that of the reading that is next or under way; ``done`` readings were finished."""

    case: str
    ct: Path
    number: int
    state: Literal["new", "draft"]
    done: int


def worklist(cts: Path, readings: Path, observer: str) -> tuple[WorklistItem, ...]:
    """Return the cases of an observer by name, those that were read least first.

    Args:
        cts: a folder of CTs.
        readings: the study's folder.
        observer: a code.

    Raises:
        FedkdError: INPUT_NOT_FOUND when there is no CT.
    """
    items = [_item(ct.case_id, ct.path, readings, observer) for ct in list_ct_inputs([cts])]
    return tuple(sorted(items, key=lambda item: (item.done, item.case)))


def shuffled(items: Sequence[WorklistItem], observer: str) -> tuple[WorklistItem, ...]:
    """Return the cases in an order that differs between observers, and is the same each time for one."""
    return tuple(sorted(items, key=lambda item: (item.done, _draw(observer, item.case))))


def _item(case: str, ct: Path, readings: Path, observer: str) -> WorklistItem:
    for number in range(1, _MOST_READINGS + 1):
        folder = ReadingPlace(readings, observer, case, number).folder
        if not (folder / READING_FILE).exists():
            state: Literal["new", "draft"] = "draft" if (folder / DRAFT_FILE).exists() else "new"
            return WorklistItem(case, ct, number, state, number - 1)
    return WorklistItem(case, ct, _MOST_READINGS, "draft", _MOST_READINGS - 1)


def _draw(observer: str, case: str) -> bytes:
    return hashlib.sha256(f"{observer}\n{case}".encode()).digest()
