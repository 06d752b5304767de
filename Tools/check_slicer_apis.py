"""Holds Testing/harness/documented_apis.json against the sources of Slicer, CTK and PythonQt.

    python Tools/check_slicer_apis.py --slicer FOLDER [--slicer FOLDER] --ctk FOLDER --pythonqt FOLDER

Give ``--slicer`` once for each release that the extension supports (checkouts of the releases' tags). A name passes
when all of them have it: Qt's classes are looked for in PythonQt's wrappers and in Qt's own properties, signals and
slots; CTK's and Slicer's in the headers named by "where"; Python modules in their source. Names that the list says to
be newer ("since") need only be in the last. Prints what was not found and ends with 1 when there was something.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from functools import cache
from pathlib import Path

LIST_FILE = Path(__file__).resolve().parent.parent / "Testing" / "harness" / "documented_apis.json"
# What PythonQt itself gives to every object, and the names that it changes because they are Python's.
_OF_PYTHONQT = {"name", "className", "delete", "connect", "disconnect", "exec_", "raise_", "data"}

_SHOWN_SECTION = re.compile(
    r"(?:public\s+(?:slots|Q_SLOTS)|signals|Q_SIGNALS)\s*:(.*?)"
    r"(?=\n\s*(?:public|protected|private|signals|Q_SIGNALS)\b|\n\};)",
    re.DOTALL,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slicer", type=Path, action="append", required=True)
    parser.add_argument("--ctk", type=Path, required=True)
    parser.add_argument("--pythonqt", type=Path, required=True)
    given = parser.parse_args()
    groups = json.loads(LIST_FILE.read_text(encoding="utf-8"))["groups"]
    missing = []
    for owner, entry in groups["Qt"].items():
        missing += _lacking(owner, entry, _qt_names(owner, given.pythonqt), "PythonQt")
    for owner, entry in groups["CTK"].items():
        missing += _lacking(owner, entry, _header_names(given.ctk, entry), str(given.ctk))
    for owner, entry in groups["Slicer"].items():
        if entry["where"].startswith("https:"):
            continue  # set by the application's C++ code, for which there is only the documentation
        for slicer in given.slicer[-1:] if "since" in entry else given.slicer:
            missing += _lacking(owner, entry, _slicer_names(slicer, entry), str(slicer))
    print("\n".join(missing) or "Every name was found.")
    sys.exit(bool(missing))


def _lacking(owner: str, entry: dict, found: set[str], source: str) -> list[str]:
    return [f"{owner}.{name}: not in {source}" for name in entry["names"] if name not in found]


def _slicer_names(slicer: Path, entry: dict) -> set[str]:
    return _python_names(slicer / entry["where"]) if entry["where"].endswith(".py") else _header_names(slicer, entry)


def _python_names(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return names | {
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for target in (alias.asname or alias.name for alias in node.names)
    }


def _header_names(root: Path, entry: dict) -> set[str]:
    """Return what PythonQt shows of a class: properties, signals, slots, invokable methods, enumerators."""
    names: set[str] = set()
    for header in [entry["where"], *entry.get("also", [])]:
        text = re.sub(r"//[^\n]*|/\*.*?\*/", "", (root / header).read_text(encoding="utf-8"), flags=re.DOTALL)
        names |= set(re.findall(r"Q_PROPERTY\(\s*[\w:<>,]+\s*\*?\s*(\w+)", text))
        names |= set(re.findall(r"Q_INVOKABLE[^;{]*?(\w+)\s*\(", text))
        for section in _SHOWN_SECTION.findall(text):
            names |= set(re.findall(r"(\w+)\s*\(", section))
        for body in re.findall(r"enum\s+\w+\s*\{(.*?)\}", text, re.DOTALL):
            names |= set(re.findall(r"^\s*(\w+)", body, re.MULTILINE))
    return names


@cache
def _wrappers(pythonqt: Path) -> str:
    headers = sorted(pythonqt.glob("generated_cpp_515/*/*.h"))
    return "\n".join(header.read_text(encoding="utf-8", errors="replace") for header in headers)


def _qt_names(owner: str, pythonqt: Path) -> set[str]:
    names = set(_OF_PYTHONQT)
    for body in re.findall(
        rf"class PythonQtWrapper_{owner} : public.*?\n\{{(.*?)\n\}};", _wrappers(pythonqt), re.DOTALL
    ):
        names |= {name.removeprefix(f"static_{owner}_") for name in re.findall(r"(\w+)\s*\(", body)}
        for enum in re.findall(r"enum\s+\w+\s*\{(.*?)\}", body, re.DOTALL):
            names |= set(re.findall(r"(\w+)\s*=", enum))
    names |= {name.removeprefix("py_q_") for name in names}
    if owner == "QObject":
        decorators = (pythonqt / "src" / "PythonQtStdDecorators.h").read_text(encoding="utf-8")
        names |= set(re.findall(r"(\w+)\s*\(", decorators))
    return names | _meta_object_names(owner)


def _meta_object_names(owner: str) -> set[str]:
    """Return properties, signals and slots by Qt's own account; PySide6's Qt is newer, so PythonQt's account leads."""
    from PySide6 import QtCore, QtGui, QtWidgets

    kinds = [getattr(module, owner, None) for module in (QtCore, QtGui, QtWidgets)]
    meta = next((kind.staticMetaObject for kind in kinds if hasattr(kind, "staticMetaObject")), None)
    if meta is None:
        return set()
    names = {meta.property(index).name() for index in range(meta.propertyCount())}
    for index in range(meta.enumeratorCount()):
        names |= {meta.enumerator(index).key(key) for key in range(meta.enumerator(index).keyCount())}
    return names | {meta.method(index).name().data().decode() for index in range(meta.methodCount())}


if __name__ == "__main__":
    main()
