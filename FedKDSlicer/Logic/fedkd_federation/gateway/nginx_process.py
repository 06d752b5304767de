"""nginx as a process: started in front of its parent's work, and gone with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psutil

from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.nginx_template import CONFIG

# On Debian an ordinary user's PATH does not have it.
_SYSTEM_PATHS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin")
_START_S = 10.0
_RELOAD_S = 15.0
_END_S = 5.0
_LOOK_S = 0.02
_PID_FILE = "nginx.pid"


class NginxProcess:
    """A running nginx. Start it in a thread that lives as long as it shall: on Linux it ends with that thread.

    Args:
        folder: with nginx.conf.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        check_config(folder)
        self._last_words = (folder / "logs" / "start.log").open("w+b")
        self._process = subprocess.Popen(
            [*_end_with_parent(), *_command(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._last_words,
            start_new_session=True,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def has_ended(self) -> bool:
        """Whether it is gone, though nobody stopped it."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End it with all its workers, and every connection."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        # Workers whose master was killed stay behind, in its process group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._last_words.close()

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _START_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise _not_started(self._folder, self._said())
            if _running_master(self._folder) is not None:
                return
            time.sleep(_LOOK_S)
        raise _not_started(self._folder, f"it did not begin within {_START_S:.0f} s")

    def _said(self) -> str:
        self._last_words.seek(0)
        return self._last_words.read(8000).decode(errors="replace")


def check_config(folder: Path) -> None:
    """Let nginx read its configuration without starting.

    Raises:
        FedkdError: GATEWAY_FAILED with nginx's own words; DEPENDENCY_MISSING.
    """
    asked = subprocess.run([*_command(folder), "-t", "-q"], capture_output=True, check=False)
    if asked.returncode != 0:
        raise _not_started(folder, asked.stderr.decode(errors="replace"))


def reload_running(folder: Path) -> None:
    """Let a running nginx read its configuration anew; connections go on. Nothing happens where none runs.

    Raises:
        FedkdError: GATEWAY_FAILED when the configuration is wrong or nginx does not follow; it goes on as it was.
    """
    master = _running_master(folder)
    if master is not None:
        check_config(folder)
        _replace_workers(master)


def shut_out_running(folder: Path) -> None:
    """Let a running nginx read its configuration anew, and cut every connection made under the old one.

    Raises:
        FedkdError: GATEWAY_FAILED when nginx did not follow: it was stopped, so that nobody passes.
    """
    master = _running_master(folder)
    if master is None:
        return
    everything = [master, *master.children()]
    try:
        check_config(folder)
        old = _replace_workers(master)
    except FedkdError:
        _end(everything)
        raise
    _end(old)


def _end(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(processes, timeout=_END_S)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _replace_workers(master: psutil.Process) -> Sequence[psutil.Process]:
    """Ask for a reload; wait until new workers are there and no other takes new connections; return those others."""
    old = master.children()
    master.send_signal(signal.SIGHUP)
    end = time.monotonic() + _RELOAD_S
    while time.monotonic() < end:
        if set(master.children()) - set(old) and all(map(_takes_no_more, old)):
            return old
        time.sleep(_LOOK_S)
    raise FedkdError(
        ExitCode.GATEWAY_FAILED,
        "nginx did not take over its new configuration.",
        where=master.cwd(),
        what_to_do="Look into logs/error.log, then stop the gateway and start it again.",
    )


def _takes_no_more(worker: psutil.Process) -> bool:
    try:
        return "shutting down" in " ".join(worker.cmdline()) or worker.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _running_master(folder: Path) -> psutil.Process | None:
    """Return the nginx that runs on this folder. The number in the file may be another process' by now."""
    try:
        process = psutil.Process(int((folder / _PID_FILE).read_text()))
        # nginx writes its command line over with a title: "nginx: master process /usr/sbin/nginx -p FOLDER/ ..."
        title = " ".join(process.cmdline())
    except (OSError, ValueError, psutil.Error):
        return None
    return process if "master process" in title and f"-p {_prefix(folder)}" in title else None


def _prefix(folder: Path) -> str:
    return f"{folder.resolve()}/"


def _command(folder: Path) -> list[str]:
    found = shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_PATHS)))
    if found is None:
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "nginx is not installed.",
            where="nginx",
            what_to_do="Ask your administrator for it. On Debian and Ubuntu: sudo apt-get install nginx",
        )
    return [found, "-p", _prefix(folder), "-c", CONFIG, "-e", "stderr"]


def _end_with_parent() -> list[str]:
    """Return what makes Linux end the process with its parent, however that ends."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv and sys.platform == "linux" else []


def _not_started(folder: Path, said: str) -> FedkdError:
    if "Address already in use" in said:
        what, to_do = "Another program listens there already", "Stop it, or choose another port."
    elif "host not found" in said:
        what = "The coordinator's name is not known to this computer's network"
        to_do = "Check the internet connection; ask your administrator whether names of computers outside are resolved."
    elif "Permission denied" in said and "bind()" in said:
        what, to_do = "This user may not listen on that port", "Choose a port above 1023."
    else:
        what, to_do = "nginx does not start", "Look at what it said; logs/error.log may say more."
    first = next((line for line in said.splitlines() if "[emerg]" in line), said.strip().split("\n", 1)[0])
    return FedkdError(ExitCode.GATEWAY_FAILED, f"{what}: {first}", where=folder, what_to_do=to_do)
