"""Starts the processes of a federation, which live in an environment of their own, and listens to them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen

# For installations where the environment does not lie beside the engine's source.
PYTHON_VARIABLE = "FEDKD_FEDERATION_PYTHON"
_ENVIRONMENT = ".venv-federation"
_LONGEST_LINE = 50_000_000
Kind = Literal["site", "coordinator"]


def federation_python() -> Path:
    """Return the Python of the federation's environment.

    Raises:
        FedkdError: DEPENDENCY_MISSING when there is none.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    scripts = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    path = Path(named) if named else Path(__file__).resolve().parents[4] / _ENVIRONMENT / scripts
    if not path.is_file():
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "The environment of the federation is not installed.",
            where=path,
            what_to_do=f"Run `make federation-setup`, or set {PYTHON_VARIABLE} to the Python that has Fed-BioMed.",
        )
    return path


class FederationProcess:
    """A site's or the coordinator's process. It ends with the block, and when this process ends.

    Args:
        kind: which.
        log: file for what its libraries print.
    """

    def __init__(self, kind: Kind, log: Path) -> None:
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                # -P: or Python would import from the current folder first.
                [federation_python(), "-P", "-m", "fedkd_federation", kind],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        self._log = log

    def tell(self, command: Frozen) -> None:
        """Send a command."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone: reading will tell
            self._process.stdin.write(command.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what it says, until it ends.

        Raises:
            FedkdError: what it ended with; INTERNAL when it ended without a word.
        """
        assert self._process.stdout is not None
        last = ""
        while line := self._process.stdout.readline(_LONGEST_LINE):
            said = json.loads(line)
            last = said["what"]
            yield said
        status = self._process.wait()
        if status != 0 and last != "error":
            raise FedkdError(
                ExitCode.INTERNAL,
                f"A process of the federation ended with status {status}.",
                where=self._log,
                what_to_do="The file says why. Everything finished is kept: run the command again to go on.",
            )

    def wait_for(self, *kinds: str) -> dict[str, Any]:
        """Return the next line of one of these kinds.

        Raises:
            FedkdError: what the process reports instead.
        """
        for said in self.lines():
            if said["what"] == "error":
                raise error_in(said)
            if said["what"] in kinds:
                return said
        raise FedkdError(
            ExitCode.INTERNAL,
            "A process of the federation ended early.",
            where=self._log,
            what_to_do="The file says why.",
        )

    def memory_bytes(self) -> int:
        """Return how much memory the process holds; Linux only."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def error_in(said: dict[str, Any]) -> FedkdError:
    """Return the error that a line speaks of."""
    return ErrorBody.model_validate(said["error"]).as_error()
