"""Starts Fed-BioMed's node in this process, for good."""

from __future__ import annotations

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


def run_node(config: NodeConfig, audit: AuditLog, device: str, on_contact: Callable[[], None]) -> None:
    """Connect, and carry out what is asked, until the process ends.

    Args:
        config: of the node.
        audit: what leaves.
        device: cpu or cuda.
        on_contact: told of every request.
    """
    client.MAX_SEND_RETRIES = _SEND_TRIES
    logger.setLevel("INFO")
    node = SiteNode(config, audit, device, on_contact)
    node.tp_security_manager.check_hashes_for_registered_training_plans()
    # What ends Fed-BioMed's connection for good ends this process: its starter sees it and can start it again.
    node.start_messaging(lambda: os._exit(ExitCode.INTERNAL))
    node.start_protocol()
    node.task_manager()
