"""Have Slicer's core make the scene and the views, in a process of its own.

The engine knows only the command: a missing or crashing Slicer core must never cost a prediction.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fedkd.case.child_process import environment_with_engine
from fedkd.case.provenance import SceneRecord
from fedkd.plain_text import without_folders
from fedkd.progress import ProgressEvent, Report

SCENE_MODULE = "fedkd_slicer.build_scene"
# -P: nothing is imported from the current folder.
_PYTHON = (sys.executable, "-P", "-m")
_OURS = (*_PYTHON, SCENE_MODULE)
_OURS_WAITING = (*_PYTHON, "fedkd_slicer.wait_for_case")
TIMEOUT_S = 900.0  # a CT from neck to groin has 400 million voxels to compress


@dataclass(frozen=True)
class _Started:
    """A process, and what it last said on stderr, where a thread listens."""

    process: subprocess.Popen[bytes]
    last_words: deque[str]


@dataclass
class SceneCommand:
    """The command that makes scene and views; ``arguments`` are followed by folder and options.

    Args:
        arguments: program and its first arguments.
        timeout_s: after this the process is killed.
    """

    arguments: tuple[str, ...] = _OURS
    timeout_s: float = TIMEOUT_S
    _waiting: _Started | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_missing(self) -> bool:
        """True when this is our own program, and it is not installed."""
        return self.arguments == _OURS and importlib.util.find_spec("fedkd_slicer") is None

    def get_ready(self) -> None:
        """Let a process load Slicer's core and wait for a case, while this process does other things.

        It ends without a case, too, as soon as this process has ended, however that happens.
        """
        if self.arguments == _OURS and self._waiting is None and not self.is_missing:
            with contextlib.suppress(OSError):  # `make_scene` will say why
                self._waiting = _start(_OURS_WAITING, subprocess.PIPE)

    def start(self, folder: Path, ct_file: Path) -> _Started:
        """Start with a case, in the waiting process if there is one.

        Raises:
            OSError: no process could be started.
        """
        started, self._waiting = self._waiting, None
        if started is not None and _tell(started.process, folder, ct_file):
            return started
        arguments = [*self.arguments, str(folder), "--ct", str(ct_file), "--progress", "json"]
        return _start(arguments, subprocess.DEVNULL)


def make_scene(folder: Path, ct_file: Path, command: SceneCommand, report: Report) -> SceneRecord:
    """Run the command on an unpublished case folder; any failure is a reason in the record, never an error.

    Args:
        folder: holds landmarks, calcification and provenance; gets scene.mrb and views/.
        ct_file: the CT as NIfTI, NRRD or MetaImage.
        command: what to run.
        report: gets the process' own progress, 0 to 1.
    """
    if command.is_missing:
        return _not_made("the package fedkd_slicer is not installed")
    try:
        started = command.start(folder, ct_file)
    except OSError as error:
        return _not_made(f"the process could not be started ({error.strerror})")
    process = started.process
    with _killed_after(process, command.timeout_s) as expired:
        complaint = _follow(process, report)
        status = process.wait()
    if expired.is_set():
        return _not_made(f"it took longer than {command.timeout_s:.0f} s")
    if status != 0:
        words = without_folders(_last_line(started.last_words))
        return _not_made(complaint or words or f"the process ended with status {status}")
    return SceneRecord(status="made")


def _start(arguments: Sequence[str], stdin: int) -> _Started:
    process = subprocess.Popen(
        arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_with_engine()
    )
    return _Started(process, _drain_errors(process))


def _tell(process: subprocess.Popen[bytes], folder: Path, ct_file: Path) -> bool:
    """Tell a waiting process its case; False when it has ended meanwhile."""
    assert process.stdin is not None
    # The case's own folder for temporary files may not have been known when the process was started.
    order = {"case_folder": str(folder), "ct": str(ct_file), "temporary_files": tempfile.gettempdir()}
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
    except OSError:
        process.kill()
        process.wait()
        return False
    return True


def _not_made(reason: str) -> SceneRecord:
    return SceneRecord(status="not made", reason=reason.rstrip(". "))


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], timeout_s: float) -> Iterator[threading.Event]:
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        process.kill()

    timer = threading.Timer(timeout_s, expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()


def _drain_errors(process: subprocess.Popen[bytes]) -> deque[str]:
    assert process.stderr is not None
    stream = process.stderr
    lines: deque[str] = deque(maxlen=20)

    def drain() -> None:
        for line in stream:
            lines.append(line.decode(errors="replace").strip())

    threading.Thread(target=drain, daemon=True).start()
    return lines


def _follow(process: subprocess.Popen[bytes], report: Report) -> str:
    """Pass progress on until the output ends; return what the process said was wrong, or nothing."""
    assert process.stdout is not None
    complaint = ""
    for raw in process.stdout:
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        if not isinstance(line, dict):
            continue
        if isinstance(line.get("error"), dict):
            complaint = " ".join(str(line["error"].get(key, "")) for key in ("what", "what_to_do")).strip()
        elif isinstance(line.get("fraction"), int | float):
            report(ProgressEvent("scene", min(max(float(line["fraction"]), 0.0), 1.0), str(line.get("message", ""))))
    return complaint


def _last_line(lines: deque[str]) -> str:
    return next((line for line in reversed(lines) if line), "")
