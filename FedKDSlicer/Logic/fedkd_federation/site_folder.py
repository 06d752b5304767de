"""The folder of a site: what was set up, what was approved, and where everything lies."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from fedkd.atomic import write_text_atomically
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, Sha256, SiteId
from fedkd.federation.study_file import StudyFile, parse_study
from fedkd_federation.installed_code import InstalledCode


class SiteSettings(Frozen):
    """What the site's operator set up.

    Args:
        site: id in the study.
        cases: folder of the cases.
        coordinator_host: where the site connects to; with the gateway its own end of it, on this machine.
        coordinator_port: of it.
    """

    site: SiteId
    cases: str
    coordinator_host: str
    coordinator_port: int


class Approval(Frozen):
    """What the site's operator approved: a study, the plan that carries its tasks, and the code that would run.

    Args:
        study_sha256: of the study's content.
        plan_sha256: of the plan's text.
        code: what was installed then.
        when: UTC.
    """

    study_sha256: Sha256
    plan_sha256: Sha256
    code: InstalledCode
    when: datetime


@dataclass(frozen=True)
class SiteFolder:
    """Paths below a site's folder, and its small files."""

    root: Path

    @property
    def component(self) -> Path:
        """Fed-BioMed's own files."""
        return self.root / "node"

    @property
    def work(self) -> Path:
        """What rounds keep: pseudo labels, heads that stay here."""
        return self.root / "work"

    @property
    def audit(self) -> Path:
        """The audit log."""
        return self.root / "audit.jsonl"

    @property
    def temporary(self) -> Path:
        """Emptied at each start."""
        return self.root / "tmp"

    @property
    def _settings(self) -> Path:
        return self.root / "site.json"

    @property
    def _approval(self) -> Path:
        return self.root / "approval.json"

    @property
    def _study(self) -> Path:
        return self.root / "study.json"

    def make(self) -> None:
        """Make the folders, readable by their owner alone, with an empty one for temporary files."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.work.mkdir(exist_ok=True, mode=0o700)
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(mode=0o700)

    def write_settings(self, settings: SiteSettings) -> None:
        """Keep what was set up."""
        write_text_atomically(self._settings, settings.model_dump_json(indent=2) + "\n")

    def settings(self) -> SiteSettings:
        """Return what was set up.

        Raises:
            FedkdError: INPUT_NOT_FOUND when nothing was.
        """
        try:
            return SiteSettings.model_validate_json(self._settings.read_bytes())
        except (OSError, ValidationError) as error:
            raise FedkdError(
                ExitCode.INPUT_NOT_FOUND,
                "This folder holds no site of a federation.",
                where=self.root,
                what_to_do="Set the site up first: `fedkd federation site add`.",
            ) from error

    def write_approval(self, approval: Approval, study: StudyFile) -> None:
        """Keep what was approved; the study first, so that no approval names a study that is not there."""
        write_text_atomically(self._study, study.canonical)
        write_text_atomically(self._approval, approval.model_dump_json(indent=2) + "\n")

    def withdraw_approval(self) -> None:
        """From now on nothing runs."""
        self._approval.unlink(missing_ok=True)

    def approval(self) -> Approval | None:
        """Return what was approved, None when nothing is (or its file cannot be read)."""
        try:
            return Approval.model_validate_json(self._approval.read_bytes())
        except (OSError, ValidationError):
            return None

    def study(self) -> StudyFile:
        """Return the approved study.

        Raises:
            FedkdError: STUDY_INVALID.
        """
        return parse_study(self._study.read_bytes() if self._study.is_file() else b"", self._study)
