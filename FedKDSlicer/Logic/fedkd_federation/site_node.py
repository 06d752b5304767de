"""A node that answers nothing but a study's requests, and writes down whatever leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from fedbiomed.common.exceptions import FedbiomedTaskQueueError
from fedbiomed.common.message import FeedbackMessage, Message, TrainReply
from fedbiomed.common.serializer import Serializer
from fedbiomed.node import node as fedbiomed_node
from fedbiomed.node.config import NodeConfig
from fedbiomed.node.node import Node

from fedkd_federation.audit import AuditLog
from fedkd_federation.site_round import SiteRound

# Search and list: counts of cases. The others are rounds, and what secure aggregation needs.
_ANSWERED = frozenset(
    {
        "PingRequest",
        "SearchRequest",
        "ListRequest",
        "TrainRequest",
        "TrainingPlanStatusRequest",
        "SecaggRequest",
        "SecaggDeleteRequest",
        "AdditiveSSSetupRequest",
        "OverlayMessage",
    }
)


class SiteNode(Node):
    """Fed-BioMed's node without statistics of the data, preprocessing, and plans that ask for approval from afar.

    Args:
        config: of the node.
        audit: what leaves is written there first.
        device: cpu or cuda.
        on_contact: told of every request from the coordinator.
    """

    def __init__(self, config: NodeConfig, audit: AuditLog, device: str, on_contact: Callable[[], None]) -> None:
        fedbiomed_node.Round = SiteRound
        super().__init__(config, {"gpu": device == "cuda", "gpu_num": None, "gpu_only": False, "debug": False})
        self._on_contact = on_contact
        send = self._grpc_client.send

        def audited(message: Message, broadcast: bool = False) -> None:
            # Fed-BioMed sends its log to the coordinator, and the log holds paths.
            if isinstance(message, FeedbackMessage) and message.log is not None:
                return
            audit.write(type(message).__name__, _content(message), _size_bytes(message), _experiment(message))
            send(message, broadcast)

        self._grpc_client.send = audited

    def on_message(self, msg: dict[str, Any]) -> None:
        """Do what is asked when it belongs to a study, and nothing otherwise."""
        self._on_contact()
        kind = msg.get("__type_message__")
        name = kind.get("class") if isinstance(kind, dict) else None
        if name == "TrainRequest":
            self._forget_waiting()
        if name in _ANSWERED:
            super().on_message(msg)

    def _forget_waiting(self) -> None:
        """Drop what waits: the coordinator asks for one thing at a time, so it has given that up."""
        with contextlib.suppress(FedbiomedTaskQueueError):
            while self._tasks_queue.qsize():
                self._tasks_queue.get(block=False)
                self._tasks_queue.task_done()


def _content(message: Message) -> str:
    match message:
        case TrainReply(success=True, encrypted=True):
            return f"{len(message.params)} encrypted numbers, and counts"
        case TrainReply(success=True):
            return f"{len(message.params)} tensors of the network, counts of cases, losses"
        case TrainReply():
            return f"a refusal: {message.msg}"
        case FeedbackMessage():
            return "a number that shows the course of training"
        case _:
            return "answer to a question without data"


def _size_bytes(message: Message) -> int:
    if isinstance(message, TrainReply) and isinstance(message.params, dict):
        tensors = [value for value in message.params.values() if isinstance(value, torch.Tensor)]
        rest = {**message.to_dict(), "params": None}
        return sum(value.numel() * value.element_size() for value in tensors) + len(Serializer.dumps(rest))
    if isinstance(message, FeedbackMessage):
        return len(message.to_proto().SerializeToString())
    return len(Serializer.dumps(message.to_dict()))


def _experiment(message: Message) -> str:
    return str(getattr(message, "experiment_id", "") or "")
