"""What is kept of a stage at the coordinator: after a kill at any moment, all that was finished is still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from fedkd.atomic import write_atomically, write_text_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.averaging import Weights
from fedkd.federation.messages import RoundLine
from fedkd.federation.names import Frozen

_WEIGHTS_SUFFIX = ".safetensors"
COMMON = "network"


class _History(Frozen):
    rounds: tuple[RoundLine, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A network and the number of rounds that made it. In one file, so that the two never disagree."""

    weights: dict[str, torch.Tensor]
    rounds: int


class StageStore:
    """The folder of one stage.

    Args:
        folder: of the stage.
        study_sha256: of the study; files of another one are refused.
    """

    def __init__(self, folder: Path, study_sha256: str) -> None:
        self.folder = folder
        self._study = study_sha256

    def read(self, name: str = COMMON) -> Kept | None:
        """Return a network, ``COMMON`` or that of a site, None when no round of it is finished.

        Raises:
            FedkdError: INPUT_UNREADABLE when the file is damaged or of another study.
        """
        path = self.folder / f"{name}{_WEIGHTS_SUFFIX}"
        if not path.is_file():
            return None
        try:
            with safe_open(path, "pt") as stored:
                about = stored.metadata() or {}
                weights = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118 - no mapping
            if about.get("study_sha256") != self._study:
                raise ValueError("it is of another study")
            return Kept(weights, int(about["rounds"]))
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise FedkdError(
                ExitCode.INPUT_UNREADABLE,
                f"The network of a stage cannot be read: {error}.",
                where=path,
                what_to_do="Delete the stage's folder to run that stage anew, or give another output folder.",
            ) from error

    def write(self, weights: Weights, rounds: int, name: str = COMMON) -> None:
        """Keep a network after ``rounds`` rounds, in place of the one before.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        self._make_folder()
        tensors = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
        about = {"rounds": str(rounds), "study_sha256": self._study}
        write_atomically(
            self.folder / f"{name}{_WEIGHTS_SUFFIX}", lambda temporary: save_file(tensors, temporary, metadata=about)
        )

    def history(self) -> tuple[RoundLine, ...]:
        """Return what was noted of the rounds, oldest first; a damaged note is as good as none."""
        try:
            return _History.model_validate_json(self._history_path.read_bytes()).rounds
        except (OSError, ValidationError):
            return ()

    def note(self, line: RoundLine) -> None:
        """Note a round. One that is made again after a kill replaces its first try.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        self._make_folder()
        others = [one for one in self.history() if _key(one) != _key(line)]
        text = _History(rounds=(*others, line)).model_dump_json(indent=1)
        write_text_atomically(self._history_path, text + "\n")

    def is_done(self) -> bool:
        """True when the whole stage is finished."""
        return (self.folder / "done").is_file()

    def set_done(self) -> None:
        """Mark the stage as finished.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        self._make_folder()
        write_text_atomically(self.folder / "done", f"{self._study}\n")

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(self.folder, error) from error

    @property
    def _history_path(self) -> Path:
        return self.folder / "rounds.json"


def _key(line: RoundLine) -> tuple[str, int, tuple[str, ...]]:
    # Where sites train one after the other, or each for itself, a round has several lines.
    asked = sorted({answer.site for answer in line.answers} | set(line.missing))
    return line.kind, line.round, tuple(asked)
