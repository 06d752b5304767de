"""Opens Fed-BioMed's side of the coordinator: its server, and what a study needs of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fedkd.federation.commands import StartCoordinator
from fedkd.federation.messages import NoteLine
from fedkd.federation.site_lines import SiteSeenLine
from fedkd.federation.study_file import StudyFile
from fedkd_federation.channel import Channel

if TYPE_CHECKING:
    from fedkd_federation.roster import Roster
    from fedkd_federation.rounds import FedBioMedRounds

COMPONENT = "coordinator"
_ROSTER = "sites.json"


@contextlib.contextmanager
def listening(
    command: StartCoordinator,
    study: StudyFile,
    channel: Channel,
    stop: threading.Event,
) -> Iterator[tuple[FedBioMedRounds, Roster]]:
    """Listen, for as long as the block lasts; what a killed run left on the disk is removed first."""
    component = command.folder / COMPONENT
    shutil.rmtree(component / "var" / "experiments", ignore_errors=True)
    _tell_fedbiomed(command, component)
    from fedbiomed.researcher.config import config
    from fedbiomed.researcher.requests import Requests

    from fedkd_federation.asking import PatientRequests
    from fedkd_federation.roster import OnlineSite, Roster, RosterEvents
    from fedkd_federation.rounds import FedBioMedRounds

    def seen(site: OnlineSite) -> None:
        channel.emit(SiteSeenLine(site=site.site, counts=site.counts))

    def stranger(site: str, known: Path) -> None:
        text = f"Another node than before calls itself {site}; it is asked nothing. If {site} was set up anew, "
        channel.emit(NoteLine(message=f"{text}stop, remove its line from {known.name}, and run the study again."))

    # Its way to end a process on an error would hide the error; read at each call, so that it does not log more.
    os.environ["FBM_DEBUG"] = "1"
    requests = PatientRequests(Requests(config=config), stop)
    roster = Roster(requests, config.get("default", "id"), command.folder / _ROSTER, RosterEvents(seen, stranger))
    rounds = FedBioMedRounds(requests, roster, study.privacy.secure_aggregation, channel.emit, stop)
    try:
        yield rounds, roster
    finally:
        rounds.close()


def _tell_fedbiomed(command: StartCoordinator, component: Path) -> None:
    """Set what Fed-BioMed reads when it is imported."""
    os.environ["FBM_RESEARCHER_COMPONENT_ROOT"] = str(component)
    os.environ["FBM_SERVER_HOST"] = command.host
    os.environ["FBM_SERVER_PORT"] = str(command.port)
    os.environ["FBM_SERVER_NODE_DISCONNECTION_TIMEOUT"] = str(command.lost_after_s)
