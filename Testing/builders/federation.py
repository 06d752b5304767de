"""A small federation on this machine: real processes of sites and of a coordinator, over Fed-BioMed."""

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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builders.federation_sites import training_names, write_site
from fedkd.federation.study_file import StudyFile

TESTING = Path(__file__).resolve().parents[1]


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

    def wait_for(self, *kinds: str, within_s: float = 300) -> dict[str, Any]:
        """Return the first line of one of these kinds; fail when there is none in time."""
        return self._wait_until(lambda line: line["what"] in kinds, within_s)

    def wait_for_round(self, stage: str, number: int, within_s: float = 300) -> None:
        """Wait until a coordinator told of that round."""
        self._wait_until(
            lambda line: (line["what"], line.get("stage"), line.get("round")) == ("round", stage, number), within_s
        )

    def wait_for_task(self, stage: str, within_s: float = 300) -> None:
        """Wait until a site begins that stage's task."""
        self._wait_until(lambda line: (line["what"], line.get("stage")) == ("task_began", stage), within_s)

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

    def _wait_until(self, wanted: Callable[[dict[str, Any]], bool], within_s: float) -> dict[str, Any]:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            ended = not self._reader.is_alive()
            for line in list(self.lines):
                if wanted(line):
                    return line
            if ended:
                break
            time.sleep(0.05)
        raise AssertionError(f"it did not say that; lines: {self.lines}; log: {self.log.read_text()[-3000:]}")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))


@contextlib.contextmanager
def worker(kind: str, log: Path, module: str = "fedkd_federation") -> Iterator[Worker]:
    """Start ``python -m MODULE KIND``; it is gone when the block ends."""
    path = os.pathsep.join(filter(None, [str(TESTING), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    with log.open("a") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=os.environ | own,
        )
    running = Worker(process, log)
    running.read()
    try:
        yield running
    finally:
        process.kill()
        process.wait(20)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


class Cable:
    """A connection that can be cut: forwards a port of this machine to another one."""

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self._to = to
        self._whole = True
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and let none through."""
        self._whole = False
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = []

    def mend(self) -> None:
        """Let connections through again."""
        self._whole = True

    def _serve(self) -> None:
        while True:
            near, _ = self._listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self._to)) if self._whole else None
            except OSError:
                far = None
            if far is None:
                near.close()
                continue
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Federation:
    """Where everything of a test federation lies.

    Args:
        root: an empty folder.
        study: that is run.
        port: of the coordinator.
    """

    root: Path
    study: StudyFile
    port: int

    @property
    def study_path(self) -> Path:
        """The study file."""
        return self.root / "study.yaml"

    @property
    def out(self) -> Path:
        """The coordinator's folder."""
        return self.root / "out"

    def cases(self, site: str) -> Path:
        """Return the folder of a site's cases."""
        return self.root / f"patients-of-{site}"

    def folder(self, site: str) -> Path:
        """Return a site's folder."""
        return self.root / site

    def make(self, labels: dict[str, tuple[tuple[str, ...], ...]]) -> None:
        """Write the study file, and for each site as many cases as it lists, with labels of those heads."""
        self.study_path.write_text(self.study.canonical)
        for number, (site, heads) in enumerate(labels.items()):
            names = training_names(len(heads), f"{site}-patient-")
            write_site(self.cases(site), 1000 * (number + 1), dict(zip(names, heads, strict=True)))

    def set_up(self, process: Worker, site: str, port: int | None = None) -> None:
        """Set a site up in its process, and approve the study there as an operator would."""
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
            study=self.study_path,
            study_sha256=self.study.sha256,
            plan_sha256=plan["sha256"],
        )
        process.wait_for("approved")

    def start_site(self, process: Worker, site: str) -> None:
        """Opt in."""
        process.tell(do="start", folder=self.folder(site))

    def start_coordinator(self, process: Worker, **others: Any) -> None:
        """Run the study, or go on with it."""
        process.tell(do="start", folder=self.out, study=self.study_path, port=self.port, wait_s=200, **others)
