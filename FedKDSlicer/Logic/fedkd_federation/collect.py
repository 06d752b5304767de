"""What Fed-BioMed calls a strategy and an aggregator: both take what came; the engine makes a network of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from fedbiomed.researcher.aggregators import Aggregator
from fedbiomed.researcher.strategies.strategy import Strategy
from pydantic import ValidationError

from fedkd.federation.replies import SiteReply
from fedkd.federation.rounds import SiteAnswer
from fedkd.federation.tasks_of_study import AnyTask
from fedkd_federation.plan import REPLY_KEY

_LONGEST_REPLY = 5_000_000


class CollectAnswers(Strategy):
    """Asks the nodes that it is told to, and keeps what they answer; one that failed does not end the round."""

    def __init__(self) -> None:
        super().__init__()
        self._sites: Mapping[str, str] = {}
        self._task: AnyTask | None = None
        self.answers: list[SiteAnswer] = []
        self.problems: dict[str, str] = {}

    def expect(self, task: AnyTask, sites: Mapping[str, str]) -> None:
        """Begin a round.

        Args:
            task: that is asked for.
            sites: by node.
        """
        self._task, self._sites = task, sites
        self.answers, self.problems = [], {}

    def give_up(self, why: str) -> None:
        """Take back all answers: what came cannot be put together."""
        self.answers, self.problems = [], {node: self.problems.get(node, why) for node in self._sites}

    def sample_nodes(self, from_nodes: list[str], round_i: int) -> list[str]:
        """Return the nodes to ask."""
        return [node for node in from_nodes if node in self._sites]

    def refine(
        self, training_replies: dict[str, dict[str, Any]], round_i: int
    ) -> tuple[dict[str, Any], dict[str, float], int, dict[str, Any]]:
        """Take the answers apart; what is wrong with one is said in ``problems``, by node."""
        assert self._task is not None
        for node, reply in list(training_replies.items()):
            answer = _read(reply, self._task, self._sites.get(node, ""))
            if isinstance(answer, str):
                self.problems[node] = answer
                # Fed-BioMed would go on with a state that the node never saved, and the node fail from then on.
                training_replies.pop(node)
            else:
                self.answers.append(answer)
        samples = {node: int(reply.get("sample_size") or 0) for node, reply in training_replies.items()}
        total = sum(samples.values())
        params = {node: reply["params"] for node, reply in training_replies.items()}
        factors = {node: reply.get("encryption_factor") for node, reply in training_replies.items()}
        return params, {node: count / max(total, 1) for node, count in samples.items()}, total, factors


class LeaveAsItIs(Aggregator):
    """Returns the network that was sent: Fed-BioMed's own mean would blend in heads that nobody trained."""

    aggregator_name = "leave as it is"

    def aggregate(self, model_params: object, weights: object, *_: object, **facts: Any) -> Any:  # noqa: ANN401
        """Return the network from before the round."""
        return facts["global_model"]


def _read(reply: Mapping[str, Any], task: AnyTask, site: str) -> SiteAnswer | str:
    """Return the answer, or in words what is wrong with it."""
    if reply.get("success") is not True:
        return f"it reported: {reply.get('msg') or 'no reason'}"
    text = (reply.get("optimizer_args") or {}).get(REPLY_KEY)
    if not isinstance(text, str) or len(text) > _LONGEST_REPLY:
        return "its answer has no counts"
    try:
        read = SiteReply.model_validate_json(text)
    except ValidationError:
        return "its answer cannot be read"
    if (read.site, read.stage, read.round) != (site, task.stage, task.round):
        return "its answer is to another question"
    if reply.get("encrypted"):
        return SiteAnswer(read)
    params = reply.get("params")
    if not isinstance(params, dict) or not all(isinstance(value, torch.Tensor) for value in params.values()):
        return "its answer holds something else than tensors"
    return SiteAnswer(read, {str(name): value.detach() for name, value in params.items()})
