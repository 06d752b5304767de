"""What a site has spent of its privacy in a study: written down before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen


class _Entry(Frozen):
    noise: float = Field(gt=0)
    rate: float = Field(gt=0, le=1)
    steps: int = Field(ge=1)


class _Ledger(Frozen):
    entries: tuple[_Entry, ...] = ()


@dataclass(frozen=True)
class Release:
    """One round: the noise in units of the clipping norm, each case's chance to take part in a step, the steps."""

    noise: float
    rate: float
    steps: int


class PrivacyLedger:
    """The releases of one site in one study, over all its stages, tries and rounds.

    Args:
        work: the site's folder.
        study_sha256: of the study.
    """

    def __init__(self, work: Path, study_sha256: str) -> None:
        self._path = work / study_sha256[:16] / "privacy.json"

    def epsilon_with(self, release: Release, delta: float) -> float:
        """Return the epsilon of all that was released and ``release``.

        Raises:
            FedkdError: DEPENDENCY_MISSING without opacus; INPUT_UNREADABLE when the ledger is damaged.
        """
        return epsilon_of([*self._read(), release], delta)

    def add(self, release: Release) -> None:
        """Write a release down. One that is made and then lost on its way counts all the same.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL; INPUT_UNREADABLE when the ledger is damaged.
        """
        entries = tuple(_Entry(**vars(one)) for one in (*self._read(), release))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(self._path, error) from error
        write_text_atomically(self._path, _Ledger(entries=entries).model_dump_json(indent=1) + "\n")

    def _read(self) -> list[Release]:
        if not self._path.exists():
            return []
        try:
            ledger = _Ledger.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            # Nobody knows what was spent: to begin at nothing would be a promise that is not kept.
            raise FedkdError(
                ExitCode.INPUT_UNREADABLE,
                "The list of what this site has spent of its privacy cannot be read.",
                where=self._path,
                what_to_do="Leave the study, or restore the file from a backup.",
            ) from error
        return [Release(one.noise, one.rate, one.steps) for one in ledger.entries]


def epsilon_of(releases: list[Release], delta: float) -> float:
    """Return the epsilon of these releases together, by opacus' accountant of Renyi divergences (arXiv 1908.10530).

    Raises:
        FedkdError: DEPENDENCY_MISSING without opacus.
    """
    try:
        from opacus.accountants import RDPAccountant
    except ImportError as error:
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "Differential privacy needs opacus, which is not installed here.",
            where="opacus",
            what_to_do="Run the site in the federation's environment, which has it.",
        ) from error
    accountant = RDPAccountant()
    accountant.history = [(one.noise, one.rate, one.steps) for one in releases]
    return float(accountant.get_epsilon(delta))
