"""Starts the gateway's process, which lives in the federation's environment, and asks it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.processes import error_in, federation_python

GATEWAY_FOLDER = "gateway"
_LOG = "gateway.log"
_LONGEST_LINE = 5_000_000
_END_S = 10


class GatewayProcess:
    """A process that answers one line to each; what it runs ends with the block, and with this process.

    Args:
        log: file for what its libraries print.
        module: the one that speaks with nobody but us, or the one that also knows Fed-BioMed.
    """

    def __init__(self, log: Path, module: str = "fedkd_federation.gateway") -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                # -P: or Python would import from the current folder first.
                [federation_python(), "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        self._log = log

    def ask(self, **request: object) -> dict[str, Any]:
        """Send a request and return its answer. Passwords and codes go this way only, never into an argument.

        Raises:
            FedkdError: what went wrong there; INTERNAL when the process is gone.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone: reading will tell
            self._process.stdin.write(json.dumps({"id": 1, **request}, default=str).encode() + b"\n")
            self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline(_LONGEST_LINE)
        if not line:
            raise FedkdError(
                ExitCode.INTERNAL,
                "The gateway's process ended without a word.",
                where=self._log,
                what_to_do="The file says why.",
            )
        said: dict[str, Any] = json.loads(line)
        if said["what"] == "error":
            raise error_in(said)
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Let it end nginx and itself; a process that does not is killed, and nginx with it."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def has_gateway(folder: Path) -> bool:
    """Return whether a gateway was prepared in a study's or a site's folder."""
    return (folder / GATEWAY_FOLDER / "settings.json").is_file()


def ask_gateway(folder: Path, **request: object) -> dict[str, Any]:
    """Ask one thing of the gateway of a study or a site.

    Args:
        folder: of the study's results, or of the site.

    Raises:
        FedkdError: what went wrong.
    """
    with GatewayProcess(folder / _LOG) as process:
        return process.ask(folder=(folder / GATEWAY_FOLDER).resolve(), **request)


@contextlib.contextmanager
def running_gateway(folder: Path, kind: Literal["coordinator", "site"]) -> Iterator[str | None]:
    """Run the gateway that was prepared in a folder while the block lasts; yield its address, None without one.

    Raises:
        FedkdError: it does not start.
    """
    if not has_gateway(folder):
        yield None
        return
    with GatewayProcess(folder / _LOG) as process:
        said = process.ask(do=f"serve_{kind}", folder=(folder / GATEWAY_FOLDER).resolve())
        yield str(said["address"])
