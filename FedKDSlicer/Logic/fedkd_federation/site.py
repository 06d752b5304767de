"""A site's process: set up, show, approve, and then carry out the coordinator's tasks until it is told to stop."""

from __future__ import annotations

import logging
import os
import queue
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.commands import (
    SITE_COMMANDS,
    ApproveStudy,
    SetUpSite,
    ShowPlan,
    SiteCommand,
    StartSite,
    Stop,
    WithdrawApproval,
)
from fedkd.federation.messages import ConnectionLine, ErrorLine, ProgressLine, ReadyLine
from fedkd.federation.place import SitePlace
from fedkd.federation.site_data import survey_site
from fedkd.federation.site_lines import (
    ApprovedLine,
    ContactLine,
    PlanLine,
    SiteSetUpLine,
    TaskBeganLine,
    TaskEndedLine,
    WithdrawnLine,
)
from fedkd.federation.study_file import read_study
from fedkd.federation.tasks_of_study import AnyTask
from fedkd.progress import ProgressEvent
from fedkd_federation import registration
from fedkd_federation.admission import Admission
from fedkd_federation.audit import AuditLog
from fedkd_federation.channel import Channel, fault, listen, not_understood
from fedkd_federation.installed_code import installed_code
from fedkd_federation.site_context import SiteContext, be_site
from fedkd_federation.site_folder import SiteFolder, SiteSettings
from fedkd_federation.site_start import run_node

# A coordinator that polls would fill the panel's log.
_CONTACT_EVERY_S = 5.0


def main(channel: Channel) -> None:
    """Carry out commands one after the other; `StartSite` is the last, only `Stop` follows it."""
    commands: queue.Queue[str] = queue.Queue()

    def take(line: str) -> None:
        # While a node runs nobody reads the queue: a stop must not wait for the end of a round.
        if _is_stop(line):
            os._exit(ExitCode.OK)
        commands.put(line)

    listen(take, on_end=lambda: os._exit(ExitCode.OK))
    channel.emit(ReadyLine(role="site", name="", versions=installed_code().libraries))
    while True:
        try:
            _do(SITE_COMMANDS.validate_json(commands.get()), channel)
        except ValidationError as error:
            channel.emit(ErrorLine(error=ErrorBody.of(not_understood(error))))
        except FedkdError as error:
            channel.emit(ErrorLine(error=ErrorBody.of(error)))
        except Exception as error:
            logging.getLogger(__name__).exception("A command failed")
            channel.emit(ErrorLine(error=ErrorBody.of(fault(error))))


def _do(command: SiteCommand, channel: Channel) -> None:
    match command:
        case SetUpSite():
            channel.emit(_set_up(command))
        case ShowPlan():
            channel.emit(_show_plan(SiteFolder(command.folder)))
        case ApproveStudy():
            channel.emit(_approve(command))
        case WithdrawApproval():
            folder = SiteFolder(command.folder)
            registration.withdraw(folder, registration.open_node(folder, folder.settings()))
            channel.emit(WithdrawnLine())
        case StartSite():
            _start(command, channel)


def _set_up(command: SetUpSite) -> SiteSetUpLine:
    survey = survey_site(command.cases)
    folder = SiteFolder(command.folder)
    folder.make()
    settings = SiteSettings(
        site=command.site,
        cases=str(command.cases.resolve()),
        coordinator_host=command.coordinator_host,
        coordinator_port=command.coordinator_port,
    )
    config = registration.open_node(folder, settings)
    registration.register_cases(config, command.cases, survey.counts.model_dump_json())
    folder.write_settings(settings)
    return SiteSetUpLine(counts=survey.counts, refused=survey.refused)


def _show_plan(folder: SiteFolder) -> PlanLine:
    approval = folder.approval()
    text, code = registration.plan_text(), installed_code()
    sha256 = registration.plan_sha256(text)
    differences = []
    if approval is not None:
        differences = [code.difference_to(approval.code), "another plan" if sha256 != approval.plan_sha256 else ""]
    return PlanLine(
        text=text,
        sha256=sha256,
        code_version=code.version,
        code_sha256=code.sha256,
        difference="; ".join(filter(None, differences)),
        approved_study=approval.study_sha256 if approval is not None else None,
    )


def _approve(command: ApproveStudy) -> ApprovedLine:
    folder = SiteFolder(command.folder)
    study = read_study(command.study)
    if study.sha256 != command.study_sha256:
        raise _changed("The study file is not the one that was shown.", command.study)
    if registration.plan_sha256(registration.plan_text()) != command.plan_sha256:
        raise _changed("The plan is not the one that was shown.", command.folder)
    folder.make()
    approval = registration.approve(folder, registration.open_node(folder, folder.settings()), study)
    return ApprovedLine(study_sha256=approval.study_sha256, plan_sha256=approval.plan_sha256)


def _start(command: StartSite, channel: Channel) -> None:
    folder = SiteFolder(command.folder)
    settings = folder.settings()
    folder.make()
    admission = Admission(folder)
    approval, _ = admission.require()
    address = f"{settings.coordinator_host}:{settings.coordinator_port}"
    audit = AuditLog(folder.audit, address, approval.study_sha256)

    at_work: list[tuple[str, int]] = []

    def began(task: AnyTask) -> None:
        at_work[:] = [(task.stage, task.round)]
        channel.emit(TaskBeganLine(kind=task.kind, stage=task.stage, round=task.round))

    def ended(task: AnyTask | None, problem: str) -> None:
        channel.emit(TaskEndedLine(stage=task.stage if task else "", problem=problem))

    def report(event: ProgressEvent) -> None:
        stage, number = at_work[-1]
        line = ProgressLine(
            site=settings.site, stage=stage, round=number, fraction=event.fraction, message=event.message
        )
        channel.emit(line)

    place = SitePlace(settings.site, Path(settings.cases), folder.work, command.device, command.workers)
    be_site(SiteContext(place, admission, audit, began, ended, report))
    config = registration.open_node(folder, settings)
    registration.forget_requests(config)
    last_contact = datetime.min.replace(tzinfo=UTC)

    def contact() -> None:
        nonlocal last_contact
        now = datetime.now(UTC)
        if (now - last_contact).total_seconds() > _CONTACT_EVERY_S:
            last_contact = now
            channel.emit(ContactLine())

    channel.emit(ConnectionLine(site=settings.site, state="starting", message=f"Connecting to {address}"))
    run_node(config, audit, command.device, contact)


def _is_stop(line: str) -> bool:
    try:
        return isinstance(SITE_COMMANDS.validate_json(line), Stop)
    except ValidationError:
        return False


def _changed(what: str, where: Path) -> FedkdError:
    return FedkdError(ExitCode.TASK_REFUSED, what, where=where, what_to_do="Read it again before approving it.")
