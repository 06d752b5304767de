"""What the product names as ``qt.Class.name``, ``ctk.Class.name`` or ``slicer.util.name`` is listed, run or not."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from harness.documented import PRODUCT_FOLDER, documented_names, is_documented
from harness.install import install_modules

FILES = [
    Path(PRODUCT_FOLDER) / "FedKDSlicer.py",
    *sorted((Path(PRODUCT_FOLDER) / "Logic" / "fedkd_slicer").rglob("*.py")),
]
MADE_UP = "import qt\nqt.QLabel.noSuchName\nslicer.util.noSuchName\nqt.QFrame.HLine\nqt.QLabel.setStyleSheet"


def dotted(node: ast.AST) -> list[str]:
    """Return ["qt", "QFrame", "HLine"] for ``qt.QFrame.HLine``, [] for anything that does not begin with a name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def unlisted(source: str) -> list[str]:
    install_modules()
    chains = [dotted(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return sorted({".".join(chain) for chain in chains if not _may_be_used(chain)})


def _may_be_used(chain: list[str]) -> bool:
    if chain[:1] in (["qt"], ["ctk"]) and len(chain) >= 2:
        kind = getattr(sys.modules[chain[0]], chain[1], None)
        return chain[1] in documented_names() and (len(chain) < 3 or kind is None or is_documented(kind, chain[2]))
    if chain[:2] == ["slicer", "util"] and len(chain) >= 3:
        return chain[2] in documented_names()["slicer.util"]
    return True


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_names_are_listed(file: Path) -> None:
    assert unlisted(file.read_text(encoding="utf-8")) == []


def test_unlisted_names_are_found() -> None:
    assert unlisted(MADE_UP) == ["qt.QLabel.noSuchName", "slicer.util.noSuchName"]
