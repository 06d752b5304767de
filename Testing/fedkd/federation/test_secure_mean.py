"""A mean whose parts nobody sees gives what the mean over those that trained would have been."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.federation.replies import SiteReply
from fedkd.federation.secure_mean import from_secure_mean

HEAD = "outs.hps.conv.conv.weight"
BEFORE = {"unet.weight": torch.tensor([1.0, -2.0]), HEAD: torch.tensor([0.3])}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 300), st.booleans(), st.booleans(), st.floats(-5, 5)), min_size=1, max_size=5))
def test_what_sites_did_not_train_is_taken_out(sites: list[tuple[int, bool, bool, float]]) -> None:
    replies, sent = [], []
    for number, (cases, has_head, declined, value) in enumerate(sites):
        trained = not declined
        replies.append(
            SiteReply(
                site=f"s{number}",
                stage="fed",
                round=0,
                cases=cases,
                samples={"hps": int(has_head and trained)},
                declined="too few" if declined else "",
            )
        )
        sent.append(
            {
                "unet.weight": torch.full((2,), value) if trained else BEFORE["unet.weight"],
                HEAD: torch.full((1,), value) if trained and has_head else BEFORE[HEAD],
            }
        )
    shares = torch.tensor([max(1, reply.cases) for reply in replies], dtype=torch.float64)
    shares = shares / shares.sum()
    together = {
        name: sum((one[name].double() * share for one, share in zip(sent, shares, strict=True)), torch.zeros(1))
        for name in BEFORE
    }
    found = from_secure_mean(together, BEFORE, replies)
    for name, start in BEFORE.items():
        ours = [
            (one[name].double(), max(1, reply.cases))
            for one, reply in zip(sent, replies, strict=True)
            if not reply.declined and (name != HEAD or reply.samples["hps"])
        ]
        total = sum(share for _, share in ours)
        expected = sum((value * share for value, share in ours), torch.zeros(1)) / total if ours else start
        assert torch.allclose(found.weights[name], expected.float(), atol=1e-3)


def test_mean_that_is_no_number_counts_for_nobody() -> None:
    reply = SiteReply(site="a", stage="fed", round=0, cases=3, samples={"hps": 3})
    found = from_secure_mean({name: value * float("nan") for name, value in BEFORE.items()}, BEFORE, [reply])
    assert set(found.refused) == {"a"}
    assert torch.equal(found.weights[HEAD], BEFORE[HEAD])
