"""Opening the panel needs nothing that Slicer does not bring: proven in a process that has nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTING = Path(__file__).resolve().parents[3]
NOT_IN_SLICER = ("pydantic", "scipy", "torch", "monai", "typer", "filelock", "defusedxml")
OPEN_ALL_TABS = """
import sys
from pathlib import Path

from harness.fixtures import running_slicer
from harness.person import Person

slicer_app = running_slicer(Path(sys.argv[1]))
person = Person(next(slicer_app))
person.install_module()
# What the harness itself has loaded to play Slicer is no concern of the panel's.
blocked = set(sys.argv[2:])
for name in [name for name in sys.modules if name.partition(".")[0] in blocked]:
    del sys.modules[name]


class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ImportError(f"the panel imports {name}")


sys.meta_path.insert(0, Refuses())
person.open_module("FedKDSlicer")
for tab in ("Annotate", "Settings", "Predict & Review"):
    person.show_tab(tab)
person.leave_module()
for _ in slicer_app:
    pass
loaded = sorted({name.partition(".")[0] for name in sys.modules} & blocked)
assert not loaded, loaded
print("all tabs were shown")
"""


def open_all_tabs(tmp_path: Path, blocked: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", OPEN_ALL_TABS, str(tmp_path / "slicer"), *blocked]
    return subprocess.run(command, cwd=TESTING, capture_output=True, text=True, timeout=300)


def test_all_tabs_open_without_what_slicer_lacks(tmp_path: Path) -> None:
    opened = open_all_tabs(tmp_path, NOT_IN_SLICER)
    assert opened.returncode == 0, opened.stderr[-3000:]
    assert "all tabs were shown" in opened.stdout


def test_the_check_notices_an_import(tmp_path: Path) -> None:
    refused = open_all_tabs(tmp_path, ("queue",))  # the panel does import this one
    assert refused.returncode != 0
    assert "the panel imports queue" in refused.stderr
