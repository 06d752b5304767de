"""A small federation on this machine: real processes of sites and of a coordinator, over phantoms of a coarse grid."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fedkd.federation.study_file import parse_study
from fedkd.phantom.cases import make_cases
from fedkd.phantom.fields import Field

# Two residual levels on a 4 mm grid: a step takes milliseconds.
RECIPE = {
    "stage": {
        "network": {
            "architecture": "residual_unet",
            "heads": {"hps": 6, "calc": 2},
            "filters": [4, 8, 8],
            "deep_levels": 1,
        },
        "spacing_mm": 4.0,
        "patch_size": 16,
        "ball_radius_mm": 8.0,
        "normalization": {"clip_low_hu": -300, "clip_high_hu": 1200, "mean_hu": 250, "sd_hu": 300},
    },
    "sampling": {"jitter_sd_mm": 10, "context_dropout": 0.0, "crop_margin_mm": None},
    "optimization": {"steps": 10, "learning_rate": 0.01, "warmup_steps": 1, "precision": "float32"},
}
CALCIFICATION = "calcification.nii.gz"
LANDMARKS = "landmarks.mrk.json"


def study(sites: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """Return a study of one stage with two rounds of four steps."""
    stage = {"kind": "train", "name": "teacher", "recipe": "tiny", "rounds": 2, "steps": 4}
    content = {
        "study_id": "tiny",
        "sites": [{"id": site} for site in sites],
        "recipes": {"tiny": RECIPE},
        "stages": [stage],
        "participation": {"deadline_s": 60, "tries": 1},
    }
    return content | changes


def write_study(path: Path, content: dict[str, Any]) -> str:
    """Write a study file; return its hash."""
    path.write_text(yaml.safe_dump(content))
    return parse_study(path.read_bytes(), path).sha256


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Worker:
    """A running process, and what it said."""

    process: subprocess.Popen[str]
    log: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, **command: object) -> None:
        """Send a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command, default=str) + "\n")
        self.process.stdin.flush()

    def wait_for(self, *kinds: str, since: int = 0, within_s: float = 90) -> dict[str, Any]:
        """Return the first line of one of these kinds behind line ``since``; fail when there is none in time."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            for line in self.lines[since:]:
                if line["what"] in kinds:
                    return line
            if self.process.poll() is not None and not self._reader.is_alive():
                break
            time.sleep(0.05)
        raise AssertionError(f"no {kinds}; lines: {self.lines[since:]}; log: {self.log.read_text()[-3000:]}")

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return all lines of a kind so far."""
        return [line for line in list(self.lines) if line["what"] == kind]

    def freeze(self) -> None:
        """Let it do nothing from now on, and not even notice."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait(20)

    def read(self) -> None:
        """Begin to read what it says."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))


@contextlib.contextmanager
def worker(kind: str, log: Path, **environment: str) -> Iterator[Worker]:
    """Start ``python -m fedkd_federation KIND``; it is gone when the block ends."""
    with log.open("a") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fedkd_federation", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=os.environ
            | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
            | environment,
        )
    running = Worker(process, log)
    running.read()
    try:
        yield running
    finally:
        process.kill()
        process.wait(20)


@dataclass(frozen=True)
class Federation:
    """Where everything of a test federation lies."""

    root: Path
    port: int

    def cases(self, site: str) -> Path:
        """Return the folder of a site's cases."""
        return self.root / f"{site}-cases"

    def folder(self, site: str) -> Path:
        """Return a site's folder."""
        return self.root / site

    def make_cases(self, site: str, count: int, without: tuple[str, ...] = ()) -> None:
        """Make phantoms of patients that no other site has, without some of their labels."""
        for case in make_cases(self.cases(site), count, sum(site.encode()), Field.WIDE):
            for name in without:
                (case / name).unlink()

    def set_up(self, process: Worker, site: str, study_path: Path, study_sha256: str, port: int | None = None) -> None:
        """Set a site up in its process, and approve a study there as an operator would."""
        process.tell(
            do="set_up",
            folder=self.folder(site),
            site=site,
            cases=self.cases(site),
            coordinator_host="localhost",
            coordinator_port=port or self.port,
        )
        process.wait_for("set_up")
        process.tell(do="show_plan", folder=self.folder(site))
        plan = process.wait_for("plan")
        process.tell(
            do="approve",
            folder=self.folder(site),
            study=study_path,
            study_sha256=study_sha256,
            plan_sha256=plan["sha256"],
        )
        process.wait_for("approved")
