"""The coordinator's process: waits for the sites, leads the study, and keeps whatever is finished."""

from __future__ import annotations

import logging
import os
import queue
import threading

from pydantic import ValidationError

from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.commands import COORDINATOR_COMMANDS, StartCoordinator, Stop
from fedkd.federation.messages import ErrorLine, NoteLine, ReadyLine
from fedkd.federation.orchestra import Orchestra
from fedkd.federation.results import write_results
from fedkd.federation.study_file import StudyFile, read_study
from fedkd_federation.channel import Channel, fault, listen, not_understood
from fedkd_federation.coordinator_start import listening
from fedkd_federation.installed_code import installed_code


def main(channel: Channel) -> None:
    """Carry out one `StartCoordinator`, then end."""
    commands: queue.Queue[str] = queue.Queue()
    stop = threading.Event()

    def take(line: str) -> None:
        if _is_stop(line):
            stop.set()
        commands.put(line)

    listen(take, on_end=lambda: os._exit(ExitCode.OK))
    channel.emit(ReadyLine(role="coordinator", name="", versions=installed_code().libraries))
    code = ExitCode.OK
    try:
        command = COORDINATOR_COMMANDS.validate_json(commands.get())
        if isinstance(command, StartCoordinator):
            _run(command, channel, stop)
    except ValidationError as error:
        code = _say(channel, not_understood(error))
    except FedkdError as error:
        code = _say(channel, error)
    except Exception as error:
        logging.getLogger(__name__).exception("The study ended with a fault")
        code = _say(channel, fault(error))
    # Fed-BioMed's threads do not end by themselves.
    os._exit(code)


def _run(command: StartCoordinator, channel: Channel, stop: threading.Event) -> None:
    study = read_study(command.study)
    command.folder.mkdir(parents=True, exist_ok=True)
    with listening(command, study, channel, stop) as (rounds, roster):
        orchestra = Orchestra(study, rounds, command.folder, channel.emit)
        everyone = tuple(site.id for site in study.sites)
        found = roster.wait_for(everyone, command.wait_s, stop)
        _say_who_is_missing(study, frozenset(found), channel)
        orchestra.run(command.stages)
    channel.emit(write_results(study, command.folder))


def _say_who_is_missing(study: StudyFile, found: frozenset[str], channel: Channel) -> None:
    absent = [site.id for site in study.sites if site.id not in found]
    if absent:
        channel.emit(NoteLine(message=f"Not connected: {', '.join(absent)}. Rounds go on with a quorum."))


def _say(channel: Channel, error: FedkdError) -> ExitCode:
    channel.emit(ErrorLine(error=ErrorBody.of(error)))
    return error.code


def _is_stop(line: str) -> bool:
    try:
        return isinstance(COORDINATOR_COMMANDS.validate_json(line), Stop)
    except ValidationError:
        return False
