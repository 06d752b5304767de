"""A gateway that runs: nginx, and what has to be done now and then while it does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.nginx_process import NginxProcess
from fedkd_federation.gateway.renewal import fetch_renewed, renew_what_is_due
from fedkd_federation.gateway.site_files import SiteFiles, write_site_config

_BETWEEN_RENEWALS_S = 3600.0


class RunningGateway:
    """Call `look` about once a second.

    Args:
        nginx: the process.
        renew: renews what is due; returns that in words.
    """

    def __init__(self, nginx: NginxProcess, renew: Callable[[], tuple[str, ...]]) -> None:
        self._nginx = nginx
        self._renew = renew
        self._next_renewal = time.monotonic() + _BETWEEN_RENEWALS_S

    def look(self) -> tuple[str, ...]:
        """Return what was renewed just now: mostly nothing.

        Raises:
            FedkdError: GATEWAY_FAILED when nginx is gone.
        """
        if self._nginx.has_ended:
            raise FedkdError(
                ExitCode.GATEWAY_FAILED,
                "The gateway has ended: nothing passes any more.",
                where="nginx",
                what_to_do="Look into logs/error.log, then start it again. A revocation that failed ends it, too.",
            )
        if time.monotonic() < self._next_renewal:
            return ()
        self._next_renewal = time.monotonic() + _BETWEEN_RENEWALS_S
        return self._renew()


@contextlib.contextmanager
def running_coordinator(files: CoordinatorFiles) -> Iterator[RunningGateway]:
    """Run the gateway in front of the researcher, which may start later. Call it in the main thread.

    Raises:
        FedkdError: GATEWAY_FAILED, DEPENDENCY_MISSING, INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    renew_what_is_due(files)
    with files.changing():
        write_coordinator_config(files)
    with NginxProcess(files.nginx) as nginx:
        yield RunningGateway(nginx, lambda: renew_what_is_due(files))


@contextlib.contextmanager
def running_site(files: SiteFiles) -> Iterator[RunningGateway]:
    """Run the gateway between the node on this computer and the coordinator. Call it in the main thread.

    Raises:
        FedkdError: INPUT_NOT_FOUND without a kit; else as `running_coordinator`.
    """
    write_site_config(files)

    def renew() -> tuple[str, ...]:
        return ("this site's certificate",) if fetch_renewed(files) else ()

    renew()
    with NginxProcess(files.nginx) as nginx:
        yield RunningGateway(nginx, renew)
