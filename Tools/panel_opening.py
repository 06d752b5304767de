"""Print how long opening the module takes beyond Slicer's own, as JSON.

``PYTHONPATH=Testing python Tools/panel_opening.py`` opens an empty module and then ours, in a Slicer (the tests'
stand-in) that was just started: the first import of the panel's code, all tabs, and entering it. All of that is loaded
from files only once, so each run is a process of its own.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from harness.fixtures import running_slicer
from harness.person import Person

_EMPTY_MODULE = """
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleWidget


class EmptyModule(ScriptedLoadableModule):
    pass


class EmptyModuleWidget(ScriptedLoadableModuleWidget):
    pass
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        application = running_slicer(folder / "slicer")
        person = Person(next(application))
        empty = folder / "EmptyModule.py"
        empty.write_text(_EMPTY_MODULE, encoding="utf-8")
        person.install_module(empty)
        person.install_module()
        (empty_s, empty_cpu_s), (module_s, module_cpu_s) = (
            _opening(person, name) for name in (empty.stem, "FedKDSlicer")
        )
        print(json.dumps({"beyond_s": module_s - empty_s, "beyond_cpu_s": module_cpu_s - empty_cpu_s}))
        next(application, None)


def _opening(person: Person, name: str) -> tuple[float, float]:
    """Return seconds by the clock, and of this process' processor time."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    person.open_module(name)
    return time.perf_counter() - begin, time.process_time() - begin_cpu


if __name__ == "__main__":
    main()
