"""A process that has loaded Slicer's core waits for a case, and never outlives who started it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders.scene_case import SceneCaseRecipe, environment
from fedkd.case.scene_process import SceneCommand, make_scene
from fedkd.errors import ExitCode

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

WAIT = [sys.executable, "-P", "-m", "fedkd_slicer.wait_for_case"]
STARTER = """
import os, sys, time
from fedkd.case.scene_process import SceneCommand
command = SceneCommand()
command.get_ready()
print(command._waiting.process.pid, flush=True)
time.sleep(600)
"""


def silent(event: object) -> None:
    pass


def test_the_waiting_process_makes_the_scene_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    case = SceneCaseRecipe().make(tmp_path)
    command = SceneCommand()
    command.get_ready()
    waiting = command._waiting
    command.get_ready()
    assert command._waiting is waiting
    folder = shutil.copytree(case.folder, tmp_path / "waited")
    assert make_scene(folder, case.ct_file, command, silent).status == "made"
    assert waiting.process.returncode == 0
    assert command._waiting is None

    command.get_ready()
    command._waiting.process.kill()
    command._waiting.process.wait()
    again = shutil.copytree(case.folder, tmp_path / "again")
    assert make_scene(again, case.ct_file, command, silent).status == "made"
    made = [{path.name for path in one.rglob("*")} for one in (folder, again)]
    assert made[0] == made[1]
    assert "scene.mrb" in made[0]


def test_without_a_case_it_ends_and_makes_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(WAIT, stdin=subprocess.DEVNULL, capture_output=True, env=environment(), timeout=300)
    assert (ended.returncode, ended.stdout) == (ExitCode.OK, b"")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the process where Linux lists it")
def test_it_ends_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, env=environment()) as parent:
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(signal.SIGKILL)
    for _ in range(600):
        if not is_alive(child):
            return
        time.sleep(0.2)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the waiting process outlived its parent")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
