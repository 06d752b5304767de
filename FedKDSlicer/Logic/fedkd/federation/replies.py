"""What a site answers besides tensors: counts and numbers, never a case's name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fedkd.federation.names import Frozen, SiteId, StageName
from fedkd.federation.task import Round
from fedkd.networks.head_names import HeadName

Count = Annotated[int, Field(ge=0)]


class EvaluatedCase(Frozen):
    """One case without its name.

    Args:
        errors_mm: by landmark that has a label; null: it was not found.
        calcification_dice: null: no label; -1: neither label nor outline marks anything.
        failed: there is no prediction.
    """

    errors_mm: dict[str, float | None] = Field(default={})
    calcification_dice: float | None = Field(default=None, ge=-1, le=1)
    failed: bool = False


class SiteReply(Frozen):
    """The answer to one task.

    Args:
        samples: for each head it trained, the cases whose label taught it; for labeling, the cases it labeled.
        cases: that took part in any way.
        steps: that were made.
        losses: means over the round, by head or term; none where single cases are hidden.
        epsilon: what the site has spent with this round, over all stages of the study; null: nothing was hidden.
        seconds: the site's own work.
        not_labeled: why CTs got no pseudo label, with how many.
        evaluated: one entry for each labeled case.
        declined: why the site, in good order, takes no part in this stage; empty when it does.
    """

    site: SiteId
    stage: StageName
    round: Round
    samples: dict[HeadName, Count] = Field(default={})
    cases: Count = 0
    steps: Count = 0
    losses: dict[str, float] = Field(default={})
    epsilon: float | None = Field(default=None, ge=0)
    seconds: float = Field(default=0, ge=0)
    not_labeled: dict[str, Count] = Field(default={})
    evaluated: tuple[EvaluatedCase, ...] = ()
    declined: str = Field(default="", max_length=500)
