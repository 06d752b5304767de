"""Opens Fed-BioMed's side of the coordinator: its server, and what a study needs of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fedkd.federation.commands import StartCoordinator
from fedkd.federation.study_file import StudyFile
from fedkd_federation.channel import Channel

if TYPE_CHECKING:
    from fedkd_federation.roster import OnlineSite, Roster
    from fedkd_federation.rounds import FedBioMedRounds

COMPONENT = "coordinator"
_ROSTER = "sites.json"


@contextlib.contextmanager
def listening(
    command: StartCoordinator,
    study: StudyFile,
    channel: Channel,
    on_seen: Callable[[OnlineSite], None],
    stop: threading.Event,
) -> Iterator[tuple[FedBioMedRounds, Roster]]:
    """Listen, for as long as the block lasts; what a killed run left on the disk is removed first."""
    component = command.folder / COMPONENT
    shutil.rmtree(component / "var" / "experiments", ignore_errors=True)
    _tell_fedbiomed(command, component)
    from fedbiomed.researcher.config import config
    from fedbiomed.researcher.requests import Requests

    from fedkd_federation.asking import PatientRequests
    from fedkd_federation.roster import Roster
    from fedkd_federation.rounds import FedBioMedRounds

    # Its way to end a process on an error would hide the error; read at each call, so that it does not log more.
    os.environ["FBM_DEBUG"] = "1"
    requests = PatientRequests(Requests(config=config), stop)
    roster = Roster(requests, config.get("default", "id"), command.folder / _ROSTER, on_seen)
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
