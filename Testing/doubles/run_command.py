"""Start ``fedkd predict`` as a user would, on small CTs, with the worker of ``worker.py``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

COMMAND = (sys.executable, str(Path(__file__).with_name("command.py")), "predict")
UNFINISHED = (".partial-*", ".replaced-*", ".summary*", "*.tmp")


def small_ct(path: Path, seed: int = 0) -> Path:
    """Write a CT of 24x24x24 voxels, half air and half tissue; its name says what the double does with it."""
    voxels = np.random.default_rng(seed).normal(0, 10, (24, 24, 24))
    voxels[:, :12] -= 1000
    voxels[:, 12:] += 60
    image = sitk.GetImageFromArray(voxels.astype(np.int16))
    image.SetSpacing((2.2, 2.3, 2.4))
    image.SetOrigin((-10.0, 5.0, 100.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return path


def small_cts(folder: Path, *names: str) -> list[Path]:
    """Write one CT for each name, all different."""
    return [small_ct(folder / f"{name}.nii.gz", seed) for seed, name in enumerate(names)]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        body = self.last.get("result") or self.last["error"]
        return {case["case"]: case for case in body["cases"]}


def predict(*arguments: str | Path, progress: str = "json", timeout_s: float = 60) -> Ended:
    """Run the command to its end."""
    ended = subprocess.run(
        [*COMMAND, *map(str, arguments), "--progress", progress], capture_output=True, text=True, timeout=timeout_s
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


class Running:
    """The command while it runs, with ``--progress json``. Leaving the ``with`` block ends it."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments), "--progress", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def wait_for_stage(self, stage: str, case: str | None = None) -> None:
        """Read progress until the stage begins."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            progress = json.loads(line)
            if progress.get("stage") == stage and case in (None, progress["case"]):
                return
        raise AssertionError(f"the command ended before {stage!r}")

    def end(self, signal_number: int) -> tuple[Ended, float]:
        """Send a signal; return how the command ended and after how many seconds."""
        start = time.monotonic()
        self.process.send_signal(signal_number)
        stdout, stderr = self.process.communicate(timeout=30)
        seconds = time.monotonic() - start
        return Ended(self.process.returncode, stdout, stderr), seconds


def unfinished(output: Path) -> list[Path]:
    """Return everything half-written in an output folder."""
    return [path for pattern in UNFINISHED for path in output.rglob(pattern)]


def processes_whose_command_has(words: Sequence[str]) -> list[int]:
    """Return the ids of running processes with all these words in their command line (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_text(errors="replace")
                state = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state != "Z" and all(word in command for word in words):
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
