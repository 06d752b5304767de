"""What a site's process, and a coordinator about its sites, say beside the lines in `messages`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fedkd.federation.names import Frozen, Sha256, SiteId, StageName
from fedkd.federation.site_data import RefusedCase, SiteCounts


class SiteSetUpLine(Frozen):
    """What a folder of cases is good for. ``refused`` has names of cases: it stays at the site."""

    what: Literal["set_up"] = "set_up"
    counts: SiteCounts
    refused: tuple[RefusedCase, ...]


class PlanLine(Frozen):
    """What would run at a site.

    Args:
        text: of the plan.
        sha256: of the text.
        code_version: of the installed code.
        code_sha256: over its files.
        difference: to what was approved last, in words; empty: none, or nothing was approved.
        approved_study: None: nothing is approved.
    """

    what: Literal["plan"] = "plan"
    text: str
    sha256: Sha256
    code_version: str
    code_sha256: Sha256
    difference: str = ""
    approved_study: Sha256 | None = None


class ApprovedLine(Frozen):
    """The study may run at this site now."""

    what: Literal["approved"] = "approved"
    study_sha256: Sha256
    plan_sha256: Sha256


class WithdrawnLine(Frozen):
    """Nothing may run at this site now."""

    what: Literal["withdrawn"] = "withdrawn"


class ContactLine(Frozen):
    """The coordinator asked this site something; said at most every few seconds."""

    what: Literal["contact"] = "contact"


class TaskBeganLine(Frozen):
    """A site begins a task."""

    what: Literal["task_began"] = "task_began"
    kind: str
    stage: StageName
    round: int


class TaskEndedLine(Frozen):
    """A site ended a task; ``problem`` is empty when its answer was sent, ``stage`` when it was none of the study."""

    what: Literal["task_ended"] = "task_ended"
    stage: str
    problem: str


class SiteSeenLine(Frozen):
    """A site connected to the coordinator; ``counts`` are what it tells of its cases."""

    what: Literal["site_seen"] = "site_seen"
    site: SiteId
    counts: SiteCounts | None


class TrafficLine(Frozen):
    """What a round cost.

    Args:
        stage: of the study.
        round: number within it.
        sent_bytes: tensors to all sites.
        received_bytes: tensors from all sites.
        seconds: from asking to having all answers.
        overhead_s: of these beyond the slowest site's own work.
    """

    what: Literal["traffic"] = "traffic"
    stage: StageName
    round: int
    sent_bytes: int = Field(ge=0)
    received_bytes: int = Field(ge=0)
    seconds: float
    overhead_s: float
