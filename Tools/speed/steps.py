"""Measurements that were made stay made: a run that was stopped goes on where it was.

A result counts only for the code that it was measured with: a digest of it is kept beside the result.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import BaseModel, ValidationError
from rich.console import Console

from fedkd.atomic import write_text_atomically

Result = TypeVar("Result", bound=BaseModel)
Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_ROOT = Path(__file__).resolve().parents[2]
_CODE = ("FedKDSlicer/Logic", "FedKDSlicer/Resources/Models", "Tools/speed")
_SUFFIXES = (".py", ".json", ".safetensors", ".html", ".j2", ".css")


class Steps:
    """Results by name in a folder. ``settings``: whatever else a result depends on."""

    def __init__(self, folder: Path, settings: str, console: Console) -> None:
        self._folder = folder
        self._digest = _digest(_files(), settings)
        self._console = console

    def result(self, name: str, kind: type[Result], measure: Callable[[], Result]) -> Result:
        """Return the kept result, or that of ``measure``, which is then kept."""
        path = self._folder / f"{name}.json"
        kept = self._kept(path, kind)
        if kept is not None:
            self._console.print(f"{name}: measured before")
            return kept
        self._console.print(f"{name} ...")
        result = measure()
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {"code": self._digest, "result": result.model_dump(mode="json")}
        write_text_atomically(path, json.dumps(content, indent=1) + "\n")
        return result

    def _kept(self, path: Path, kind: type[Result]) -> Result | None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return kind.model_validate(content["result"]) if content["code"] == self._digest else None
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return None


def in_own_process(
    work: Callable[Parameters, Returned], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Returned:
    """Return what ``work`` returns in a fresh process, so that no measurement finds what another one left behind."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **named).result()


def _files() -> list[Path]:
    return sorted(path for part in _CODE for path in (_ROOT / part).rglob("*") if path.suffix in _SUFFIXES)


def _digest(files: Iterable[Path], settings: str) -> str:
    digest = hashlib.sha256(settings.encode())
    for path in files:
        digest.update(str(path.relative_to(_ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
