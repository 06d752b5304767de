"""Starts Fed-BioMed's node in this process, for good."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from fedbiomed.common.logger import logger
from fedbiomed.node.config import NodeConfig
from fedbiomed.transport import client

from fedkd.errors import ExitCode
from fedkd_federation.audit import AuditLog
from fedkd_federation.site_node import SiteNode

# Fed-BioMed gives a reply up after five tries, ten seconds: a cut of some minutes would cost a whole round of training.
_SEND_TRIES = 300
_CONNECT_EVERY_S = 2.0


def run_node(config: NodeConfig, audit: AuditLog, device: str, on_contact: Callable[[], None]) -> None:
    """Connect, and carry out what is asked, until the process ends.

    Args:
        config: of the node.
        audit: what leaves.
        device: cpu or cuda.
        on_contact: told of every request.
    """
    client.MAX_SEND_RETRIES = _SEND_TRIES
    _connect_until_it_works()
    logger.setLevel("INFO")
    node = SiteNode(config, audit, device, on_contact)
    node.tp_security_manager.check_hashes_for_registered_training_plans()
    # What ends Fed-BioMed's connection for good ends this process: its starter sees it and can start it again.
    node.start_messaging(lambda: os._exit(ExitCode.INTERNAL))
    node.start_protocol()
    node.task_manager()


def _connect_until_it_works() -> None:
    """Try again where Fed-BioMed gives up for good: something accepts the connection, and the coordinator is away."""
    connect_once = client.GrpcClient._connect

    async def connect(self: client.GrpcClient) -> None:
        while True:
            try:
                await connect_once(self)
            except OSError as error:
                logger.info(f"The coordinator cannot be reached: {error}")
                await asyncio.sleep(_CONNECT_EVERY_S)
            else:
                return

    client.GrpcClient._connect = connect
