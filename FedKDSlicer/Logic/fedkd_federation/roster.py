"""Which sites are connected, and what they tell of their cases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedbiomed.common.message import ListReply, ListRequest
from fedbiomed.transport.node_agent import NodeActiveStatus
from pydantic import TypeAdapter, ValidationError

from fedkd.atomic import write_text_atomically
from fedkd.federation.names import SiteId
from fedkd.federation.site_data import SiteCounts
from fedkd_federation.asking import PatientRequests

DATASET_TAG = "fedkd"
_ANSWER_WITHIN_S = 5.0
_ASK_EVERY_S = 1.0
_KNOWN = TypeAdapter(dict[SiteId, str])
_SITE_ID: TypeAdapter[str] = TypeAdapter(SiteId)


@dataclass(frozen=True)
class OnlineSite:
    """A connected site.

    Args:
        site: id in the study.
        node_id: Fed-BioMed's.
        dataset: what Fed-BioMed knows of its cases; no path.
        counts: what the site tells of its cases, None when it tells nothing that can be read.
    """

    site: str
    node_id: str
    dataset: Mapping[str, Any]
    counts: SiteCounts | None


@dataclass(frozen=True)
class RosterEvents:
    """Whom a roster tells.

    Args:
        on_seen: of each site, the first time.
        on_stranger: of a site's name that another node uses, and of the file that says which node has it.
    """

    on_seen: Callable[[OnlineSite], None]
    on_stranger: Callable[[str, Path], None]


class Roster:
    """The sites that ever connected to this run.

    A site's name is its own claim; the first node of a name keeps it for the whole run, so that no other enrolled site
    can later stand in for it.

    Args:
        requests: to ask with.
        researcher_id: of the coordinator.
        known: file of names and nodes.
        events: whom to tell.
    """

    def __init__(self, requests: PatientRequests, researcher_id: str, known: Path, events: RosterEvents) -> None:
        self._requests = requests
        self._researcher_id = researcher_id
        self._known = known
        self._events = events
        self._strangers: set[str] = set()
        self._nodes: dict[str, str] = _KNOWN.validate_json(known.read_bytes()) if known.is_file() else {}
        self._sites: dict[str, OnlineSite] = {}

    def look(self) -> None:
        """Ask all connected nodes who they are."""
        self._requests.deadline_s = _ANSWER_WITHIN_S
        with self._requests.send(ListRequest(researcher_id=self._researcher_id)) as asked:
            replies = asked.replies()
        for node_id, reply in replies.items():
            site = _online_site(node_id, reply)
            if site is not None:
                self._enter(site)
        write_text_atomically(self._known, _KNOWN.dump_json(self._nodes, indent=2).decode() + "\n")

    def _enter(self, site: OnlineSite) -> None:
        if self._nodes.setdefault(site.site, site.node_id) != site.node_id:
            if site.node_id not in self._strangers:
                self._strangers.add(site.node_id)
                self._events.on_stranger(site.site, self._known)
            return
        if site.site not in self._sites:
            self._events.on_seen(site)
        self._sites[site.site] = site

    def connected(self, sites: tuple[str, ...]) -> dict[str, OnlineSite]:
        """Return those of ``sites`` that are connected now, by site."""
        if any(site not in self._sites for site in sites):
            self.look()
        active = {agent.id for agent in self._requests.connected() if agent.status != NodeActiveStatus.DISCONNECTED}
        return {
            site: self._sites[site] for site in sites if site in self._sites and self._sites[site].node_id in active
        }

    def wait_for(self, sites: tuple[str, ...], wait_s: float, stop: threading.Event) -> dict[str, OnlineSite]:
        """Wait until all ``sites`` are connected, at most ``wait_s``; return those that are."""
        until = time.monotonic() + wait_s
        found = self.connected(sites)
        while len(found) < len(sites) and time.monotonic() < until and not stop.wait(_ASK_EVERY_S):
            found = self.connected(sites)
        return found


def _online_site(node_id: str, reply: ListReply) -> OnlineSite | None:
    tagged = [entry for entry in reply.databases if isinstance(entry, dict) and DATASET_TAG in entry.get("tags", [])]
    try:
        site = _SITE_ID.validate_python(reply.node_name)
    except ValidationError:
        return None
    if len(tagged) != 1 or not isinstance(tagged[0].get("dataset_id"), str):
        return None
    return OnlineSite(site, node_id, tagged[0], _counts(tagged[0].get("description")))


def _counts(description: object) -> SiteCounts | None:
    try:
        return SiteCounts.model_validate_json(description if isinstance(description, str) else "")
    except ValidationError:
        return None
