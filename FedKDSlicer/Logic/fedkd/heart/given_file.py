"""A file in which a user marks the heart, and what is said about one that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes import VolumeFile, read_volume_file


@dataclass(frozen=True)
class GivenFile:
    """A kind of file: ``called`` begins sentences about it, ``what_to_do`` is the advice when one is refused."""

    called: str
    what_to_do: str

    def read(self, path: Path) -> VolumeFile:
        """Return the file's values, none of them negative, and their grid.

        Raises:
            FedkdError: INPUT_NOT_FOUND; HEART_MASK_INVALID when it cannot be read, or holds negative values.
        """
        try:
            file = read_volume_file(path)
        except FedkdError as error:
            if error.code is ExitCode.INPUT_NOT_FOUND:
                raise
            raise self.refusal(path, f"{self.called} cannot be used: {error.what}") from error
        if file.values.min() < 0:
            raise self.refusal(path, f"{self.called} cannot be used: negative values are in it, so it looks like a CT.")
        return file

    def refusal(self, where: Path, what: str) -> FedkdError:
        """Return the error that says what is wrong with the file at ``where``."""
        return FedkdError(ExitCode.HEART_MASK_INVALID, what, where=where, what_to_do=self.what_to_do)
