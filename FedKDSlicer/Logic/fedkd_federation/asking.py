"""Questions to the sites that end: Fed-BioMed's own way to send, with patience, and a memory of who did not answer."""

from __future__ import annotations

import threading
from typing import Any

from fedbiomed.researcher.requests import FederatedRequest, RequestPolicy, Requests, RequestStatus

from fedkd_federation.patience import Patience


class PatientRequests:
    """Stands where Fed-BioMed expects its `Requests`.

    Args:
        requests: Fed-BioMed's.
        stop: set when an end is wanted.
    """

    def __init__(self, requests: Requests, stop: threading.Event) -> None:
        self._requests = requests
        self._stop = stop
        self._last: FederatedRequest | None = None
        self.deadline_s = 60.0

    def send(self, message: object, nodes: list[str] | None = None, policies: list[RequestPolicy] | None = None) -> Any:  # noqa: ANN401
        """Send as Fed-BioMed does, but never wait longer than ``deadline_s``."""
        patience = Patience(self.deadline_s, self._stop)
        self._last = self._requests.send(message, nodes, [*(policies or []), patience])
        return self._last

    def why_no_answer(self, node_id: str) -> str:
        """Return in words what became of the last message to a node that has no answer."""
        found = [one for one in self._last.requests if one.node.id == node_id] if self._last is not None else []
        if not found or found[0].status == RequestStatus.DISCONNECT:
            return "the connection was lost"
        if found[0].error is not None:
            return f"it reported an error: {found[0].error.extra_msg}"
        return f"it did not answer within {self.deadline_s:g} s"

    def forget(self) -> None:
        """Let go of all answers: Fed-BioMed keeps each of them, with its tensors, until the process ends."""
        self._last = None
        for agent in self.connected():
            agent._replies.clear()

    def connected(self) -> list[Any]:
        """Return Fed-BioMed's agents of all nodes that ever connected."""
        return list(self._requests._grpc_server.get_all_nodes())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._requests, name)
