"""What to make of a mean whose parts nobody can see: take out again what sites did not train."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fedkd.federation.averaging import Averaged, Weights
from fedkd.federation.replies import SiteReply
from fedkd.networks.multi_head import head_of_tensor


def from_secure_mean(together: Weights, before: Weights, replies: Sequence[SiteReply]) -> Averaged:
    """Return the mean over the sites that trained each tensor, from the mean over all that were asked.

    With secure aggregation every site sends all tensors, weighted by its cases (at least 1); those it did not train
    are as they came. So of a tensor that sites with the share ``s`` of all cases trained, the mean is
    ``(1 - s) * before + s * trained``, which is solved for ``trained``. Heads are then weighted by cases, not by their
    labels, as only sums of one kind are sent.

    Args:
        together: the mean.
        before: the network that the sites began with.
        replies: of all sites that were asked, those that declined included.
    """
    total = sum(_weight(reply) for reply in replies)
    weights, trained_by = {}, {}
    for name, start in before.items():
        head = head_of_tensor(name)
        trainers = [reply for reply in replies if _trained(reply, head)]
        if not trainers:
            weights[name] = start
            continue
        share = sum(_weight(reply) for reply in trainers) / total
        moved = (together[name].double() - start.double()) / share
        weights[name] = (start.double() + moved).to(start.dtype)
        trained_by[head or "backbone"] = tuple(sorted(reply.site for reply in trainers))
    wrong = [name for name, value in weights.items() if not bool(torch.isfinite(value).all())]
    if wrong:
        # Nobody can say whose fault it is: the round counts for none of them.
        return Averaged(
            dict(before), {reply.site: f"the sites' mean of {wrong[0]} is no number" for reply in replies}, {}
        )
    return Averaged(weights, {}, trained_by)


def _weight(reply: SiteReply) -> int:
    return max(1, reply.cases)


def _trained(reply: SiteReply, head: str | None) -> bool:
    return not reply.declined and (head is None or reply.samples.get(head, 0) > 0)
