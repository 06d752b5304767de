"""Whether a task may run here: decided anew for every task, before anything of it happens."""

from __future__ import annotations

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.study_file import StudyFile
from fedkd.federation.tasks_of_study import AnyTask, check_task
from fedkd_federation.installed_code import InstalledCode, installed_code
from fedkd_federation.site_folder import Approval, SiteFolder


class Admission:
    """What the operator approved, and the code that was loaded when this process started.

    Args:
        folder: of the site.
    """

    def __init__(self, folder: SiteFolder) -> None:
        self._folder = folder
        self._code = installed_code()

    def require(self) -> tuple[Approval, StudyFile]:
        """Return what is approved.

        Raises:
            FedkdError: TASK_REFUSED when nothing is, or other code is installed than was approved.
        """
        approval = self._folder.approval()
        if approval is None:
            raise not_approved("No study is approved at this site.")
        _require_same_code(self._code, approval.code)
        study = self._folder.study()
        if study.sha256 != approval.study_sha256:
            raise not_approved("The site's copy of the study is not the one that was approved.")
        return approval, study

    def check(self, task: AnyTask) -> None:
        """Raise unless the approved study asks for this task and the approved code would carry it out.

        Raises:
            FedkdError: TASK_REFUSED.
        """
        _, study = self.require()
        check_task(study, task)


def not_approved(what: str) -> FedkdError:
    """Return the error for what nobody at the site has approved."""
    return FedkdError(
        ExitCode.TASK_REFUSED,
        what,
        where="approval",
        what_to_do="Nothing was trained or sent. The site's operator has to read and approve the study first.",
    )


def _require_same_code(installed: InstalledCode, approved: InstalledCode) -> None:
    difference = installed.difference_to(approved)
    if difference:
        raise FedkdError(
            ExitCode.TASK_REFUSED,
            f"Other code is installed at this site than was approved: {difference}.",
            where="installed code",
            what_to_do="Nothing was trained or sent. Install the approved version, or approve the installed one.",
        )
