"""The list of what the panel may use of Qt, CTK and Slicer, and who is held to it.

``documented_apis.json`` says for each class which names may be used and where they are documented.
``Tools/check_slicer_apis.py`` holds that list against the sources of Slicer, CTK and PythonQt.
Only code of the product is held to it: the harness and the tests may look at anything.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

LIST_FILE = Path(__file__).with_name("documented_apis.json")
PRODUCT_FOLDER = str(Path(__file__).resolve().parents[2] / "FedKDSlicer")


@cache
def documented_names() -> dict[str, frozenset[str]]:
    """Return class or module -> its own documented names, without those of its ancestors."""
    content = json.loads(LIST_FILE.read_text(encoding="utf-8"))
    return {owner: frozenset(entry["names"]) for group in content["groups"].values() for owner, entry in group.items()}


def asked_by_product(name: str, depth: int = 2) -> bool:
    """Return whether the frame ``depth`` levels up lies in the product's files and itself speaks of ``name``.

    Qt looks up reimplemented methods as attributes, in the name of whoever has called Qt; those do not count.
    """
    code = sys._getframe(depth).f_code
    return code.co_filename.startswith(PRODUCT_FOLDER) and name in code.co_names


@cache
def is_documented(kind: type, name: str) -> bool:
    """Return whether a class, or one it derives from, is listed with this name, or defines it in the product's code."""
    if name.startswith("__"):
        return True
    for ancestor in kind.__mro__:
        if name in documented_names().get(documented_as(ancestor), ()):
            return True
        if name in vars(ancestor) and _is_product_class(ancestor):
            return True
    return False


def documented_as(kind: type) -> str:
    """Return under which name a stand-in is listed: its own, or the one it says it stands in for."""
    return str(vars(kind).get("STANDS_IN_FOR", kind.__name__))


def is_product_attribute(instance: Any, name: str) -> bool:
    """Return whether the product's own class put this attribute on the instance."""
    return name in object.__getattribute__(instance, "__dict__") and any(map(_is_product_class, type(instance).__mro__))


@cache
def _is_product_class(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    return str(getattr(module, "__file__", "") or "").startswith(PRODUCT_FOLDER)
