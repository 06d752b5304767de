"""Write into FedKDSlicer/CMakeLists.txt the files that Slicer has to package, or check that they stand there.

``python Tools/cmake_lists.py`` rewrites the two lists; with ``--check`` it prints what differs and ends with 1.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

MODULE_FOLDER = Path(__file__).resolve().parents[1] / "FedKDSlicer"
CMAKE_FILE = MODULE_FOLDER / "CMakeLists.txt"


def is_by_product(path: Path) -> bool:
    """True for what git ignores or CMake reads itself."""
    return (
        path.name == "CMakeLists.txt"
        or path.suffix == ".pyc"
        or any(part.startswith(".") or part.endswith(".egg-info") for part in path.parts)
    )


def listed_files(module_folder: Path) -> dict[str, list[str]]:
    """Return the entries of each CMake list: paths from the module's folder, sorted."""
    entries = (path.relative_to(module_folder) for path in module_folder.rglob("*") if path.is_file())
    files = sorted(entry.as_posix() for entry in entries if not is_by_product(entry))
    return {
        "MODULE_PYTHON_SCRIPTS": [file for file in files if file.endswith(".py")],
        "MODULE_PYTHON_RESOURCES": [file for file in files if not file.endswith(".py")],
    }


def with_lists(cmake_text: str, lists: dict[str, list[str]]) -> str:
    """Return ``cmake_text`` with the content of each ``set(NAME ...)`` replaced."""
    for name, entries in lists.items():
        block = "\n".join([f"set({name}", *(f"  {entry}" for entry in entries), ")"])
        pattern = re.compile(rf"^set\({name}\n.*?^\)", re.DOTALL | re.MULTILINE)
        cmake_text, found = pattern.subn(block, cmake_text)
        if found != 1:
            raise ValueError(f"{CMAKE_FILE} has no set({name} ...)")
    return cmake_text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 if the lists differ")
    arguments = parser.parse_args()
    now = CMAKE_FILE.read_text(encoding="utf-8")
    wanted = with_lists(now, listed_files(MODULE_FOLDER))
    if now == wanted:
        return 0
    print("\n".join(difflib.unified_diff(now.splitlines(), wanted.splitlines(), "listed", "on disk", lineterm="", n=0)))
    if arguments.check:
        print("Run: make cmake-lists")
        return 1
    CMAKE_FILE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
