"""Processes as the panel sees them: never waited for, and never left behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fedkd_slicer.panel.engine.case_run import CaseRun, Progress, TimeLeft
from fedkd_slicer.panel.engine.json_lines_process import JsonLinesProcess
from fedkd_slicer.panel.engine.python_choice import EnginePython, other_python, slicer_python
from fedkd_slicer.panel.engine.session_client import SessionClient
from fedkd_slicer.panel.engine.trouble import Trouble


def python_that_says(tmp_path: Path, script: str) -> EnginePython:
    """Return an engine's Python whose ``-m fedkd`` runs this script instead."""
    package = tmp_path / "fedkd"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(script)
    return EnginePython(sys.executable, {**os.environ, "PYTHONPATH": str(tmp_path)})


def wait_until(condition: Callable[[], bool], look: Callable[[], object] = lambda: None) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "it never happened"
        look()
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().split()[2] != "Z"


class Told:
    """A listener that writes down what it was told."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.ends: list[Any] = []

    def progressed(self, progress: Progress) -> None:
        self.progress.append(progress)

    def case_failed(self, case: str, trouble: Trouble) -> None:
        self.ends.append((case, trouble))

    def succeeded(self, case_folders: tuple[Path, ...]) -> None:
        self.ends.append(case_folders)

    def failed(self, trouble: Trouble) -> None:
        self.ends.append(trouble)

    def cancelled(self) -> None:
        self.ends.append("cancelled")


def test_a_run_tells_of_progress_and_its_end(tmp_path: Path) -> None:
    python = python_that_says(
        tmp_path,
        'import json, sys\nassert sys.argv[1:] == ["predict", "ct", "--progress", "json"]\n'
        'print(json.dumps({"case": "a", "stage": "read", "fraction": 0.5, "message": "Reading"}))\n'
        'print("noise")\nprint("[1, 2]")\nprint(json.dumps({"case": "a"}))\n'
        'print(json.dumps({"result": {"cases": [{"folder": "/out/a"}]}}))\n',
    )
    told = Told()
    run = CaseRun(python, ("predict", "ct"), told)
    wait_until(lambda: run.is_over, run.look)
    assert told.progress == [Progress("a", "read", 0.5, "Reading")]
    assert told.ends == [(Path("/out/a"),)]


def test_what_the_engine_says_went_wrong_is_told(tmp_path: Path) -> None:
    script = 'print(\'{"error": {"what": "No heart.", "where": "ct", "what_to_do": "Look.", "name": "X"}}\'); exit(10)'
    told = Told()
    run = CaseRun(python_that_says(tmp_path, script), (), told)
    wait_until(lambda: run.is_over, run.look)
    assert told.ends == [Trouble("No heart.", "ct", "Look.", "X")]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended unexpectedly (signal 9)"),
        ("raise SystemExit(3)", "ended unexpectedly (status 3)"),
        ("import a_package_that_is_not_there", "packages are not installed"),
    ],
)
def test_an_engine_that_ends_without_a_word_is_explained(tmp_path: Path, script: str, words: str) -> None:
    told = Told()
    run = CaseRun(python_that_says(tmp_path, script), (), told)
    wait_until(lambda: run.is_over, run.look)
    [trouble] = told.ends
    assert words in trouble.what


def test_a_python_that_is_not_there_is_told_at_once() -> None:
    told = Told()
    run = CaseRun(EnginePython("/nowhere/python", {}), (), told)
    assert run.is_over
    assert "could not be started" in told.ends[0].what


def test_a_cancelled_run_is_let_clear_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import pathlib, signal, sys, time\n"
        "def stop(*_):\n    pathlib.Path('cleared').touch(); sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        'print(\'{"case": "a", "stage": "read", "fraction": 0, "message": ""}\', flush=True)\ntime.sleep(60)\n'
    )
    monkeypatch.chdir(tmp_path)
    told = Told()
    run = CaseRun(python_that_says(tmp_path, script), (), told)
    wait_until(lambda: bool(told.progress), run.look)
    run.cancel()
    wait_until(lambda: run.is_over, run.look)
    assert told.ends == ["cancelled"]
    assert (tmp_path / "cleared").exists()


def test_closing_ends_the_process_and_what_it_started(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    script = f"import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
    script += 'print(\'{"case": "%d", "stage": "s", "fraction": 0, "message": ""}\' % p.pid, flush=True)\np.wait()\n'
    told = Told()
    run = CaseRun(python_that_says(tmp_path, script), (), told)
    wait_until(lambda: bool(told.progress), run.look)
    run.close()
    wait_until(lambda: not is_running(int(told.progress[0].case)))
    assert told.ends == []


ECHO = """
import json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "follow":
        time.sleep(0.05)
    if request["do"] == "open" and request["case"].endswith("bad"):
        answer = {"error": {"what": "No.", "where": "", "what_to_do": "", "name": "CASE_LOCKED"}}
    else:
        answer = {"did": request["do"], "points": request.get("points_lps_mm")}
    print(json.dumps({"id": request["id"], **answer}), flush=True)
    if request["do"] == "save":
        sys.exit(7)
"""


@pytest.fixture
def client(tmp_path: Path) -> Any:
    deaths: list[Trouble] = []
    client = SessionClient(python_that_says(tmp_path, ECHO), deaths.append)
    client.deaths = deaths  # type: ignore[attr-defined]
    yield client
    client.close()


def test_each_answer_goes_to_who_asked(client: Any) -> None:
    heard: list[tuple[str, Any]] = []
    client.open_case(Path("good"), None, lambda a: heard.append(("ok", a["did"])), lambda t: heard.append(("no", t)))
    client.open_case(Path("bad"), None, lambda a: heard.append(("ok", a)), lambda t: heard.append(("no", t.name)))
    wait_until(lambda: len(heard) == 2, client.look)
    assert heard == [("ok", "open"), ("no", "CASE_LOCKED")]


def test_of_many_drags_the_first_and_the_newest_are_followed(client: Any) -> None:
    heard: list[float] = []
    for step in range(50):
        client.follow({"RCC": (float(step), 0.0, 0.0)}, lambda a: heard.append(a["points"]["RCC"][0]), lambda _: None)
    wait_until(lambda: not client.is_busy, client.look)
    assert heard == [0.0, 49.0]


def test_a_session_that_dies_is_told_to_all_and_later_requests_fail(client: Any) -> None:
    heard: list[Any] = []
    client.save({}, heard.append, heard.append)
    client.measure({}, "850", heard.append, heard.append)
    wait_until(lambda: not client.is_alive, client.look)
    assert heard[0]["did"] == "save"
    assert "ended unexpectedly (status 7)" in heard[1].what
    assert len(client.deaths) == 1
    client.save({}, heard.append, heard.append)
    assert "not running" in heard[2].what


def test_a_process_that_does_not_listen_does_not_hold_up_the_panel() -> None:
    process = JsonLinesProcess((sys.executable, "-c", "import time; time.sleep(60)"), os.environ)
    started = time.monotonic()
    for _ in range(100):
        process.say({"text": "x" * 100_000})
    assert time.monotonic() - started < 5
    process.close(0.1)


def test_time_left_follows_the_share_that_is_done() -> None:
    now = [100.0]
    left = TimeLeft(2, lambda: now[0])
    assert left.seconds(Progress("a", "read", 0.01, "")) is None
    now[0] = 110.0
    assert left.seconds(Progress("a", "network", 0.5, "")) == pytest.approx(30.0)
    now[0] = 120.0
    assert left.seconds(Progress("a", "failed", 0.1, "")) == pytest.approx(20.0)


def test_another_python_starts_without_what_slicer_set(tmp_path: Path) -> None:
    found = other_python("/usr/bin/python3", {"PYTHONHOME": "/slicer", "LD_LIBRARY_PATH": "/slicer", "HOME": "/me"})
    assert "PYTHONHOME" not in found.environment
    assert "LD_LIBRARY_PATH" not in found.environment
    assert found.environment["HOME"] == "/me"
    assert Path(found.environment["PYTHONPATH"], "fedkd", "__main__.py").is_file()
    assert slicer_python().command("session")[1:] == ("-P", "-m", "fedkd", "session")
