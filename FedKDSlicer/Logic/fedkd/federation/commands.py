"""What the processes of a federation are told: one JSON object a line, with what is wanted under ``do``.

A process ends when its input ends: then nobody watches it any more. Passwords and keys are in none of these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fedkd.federation.names import Frozen, Sha256, SiteId, StageName

Port = Annotated[int, Field(ge=1, le=65535)]
Device = Literal["cpu", "cuda"]


class SetUpSite(Frozen):
    """Look through a folder of cases and make the site's node. Answered with `SiteSetUpLine`."""

    do: Literal["set_up"] = "set_up"
    folder: Path
    site: SiteId
    cases: Path
    coordinator_host: str = Field(min_length=1, max_length=253)
    coordinator_port: Port


class ShowPlan(Frozen):
    """What would be approved? Answered with `PlanLine`."""

    do: Literal["show_plan"] = "show_plan"
    folder: Path


class ApproveStudy(Frozen):
    """The operator read study and plan and approves both, with the installed code. Answered with `ApprovedLine`."""

    do: Literal["approve"] = "approve"
    folder: Path
    study: Path
    study_sha256: Sha256
    plan_sha256: Sha256


class WithdrawApproval(Frozen):
    """From now on nothing runs. Answered with `WithdrawnLine`."""

    do: Literal["withdraw"] = "withdraw"
    folder: Path


class StartSite(Frozen):
    """The operator opted in: connect to the coordinator and carry out its tasks until this process ends."""

    do: Literal["start"] = "start"
    folder: Path
    device: Device = "cpu"
    workers: int = Field(default=0, ge=0, le=64)


class StartCoordinator(Frozen):
    """Wait for sites, then run a study, or go on with it. Ends with `ResultLine` or `ErrorLine`.

    Args:
        folder: of the study's results; an earlier run in it goes on.
        study: the study file.
        host: where to listen, as sites name it: Fed-BioMed has it in its certificate; behind the gateway localhost.
        port: where to listen.
        wait_s: how long to wait for sites before the first stage.
        stages: only these; None: all.
        lost_after_s: a site whose connection is gone for so long counts as lost in the round at hand.
    """

    do: Literal["start"] = "start"
    folder: Path
    study: Path
    host: str = Field(default="localhost", min_length=1, max_length=253)
    port: Port
    wait_s: float = Field(default=600, gt=0)
    stages: tuple[StageName, ...] | None = None
    lost_after_s: int = Field(default=30, ge=1, le=3600)


class Stop(Frozen):
    """End now. What was finished is kept; a site that trains stops where it is."""

    do: Literal["stop"] = "stop"


SiteCommand = SetUpSite | ShowPlan | ApproveStudy | WithdrawApproval | StartSite | Stop
CoordinatorCommand = StartCoordinator | Stop
SITE_COMMANDS: TypeAdapter[SiteCommand] = TypeAdapter(Annotated[SiteCommand, Field(discriminator="do")])
COORDINATOR_COMMANDS: TypeAdapter[CoordinatorCommand] = TypeAdapter(
    Annotated[CoordinatorCommand, Field(discriminator="do")]
)
