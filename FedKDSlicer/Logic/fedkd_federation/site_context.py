"""The site that this process is. Fed-BioMed makes the objects of a round itself: they find the site here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fedkd.federation.place import SitePlace
from fedkd.federation.tasks_of_study import AnyTask
from fedkd.progress import Report
from fedkd_federation.admission import Admission
from fedkd_federation.audit import AuditLog


@dataclass(frozen=True)
class SiteContext:
    """What rounds need of their site.

    Args:
        place: its cases and its own files.
        admission: whether a task may run.
        audit: what left.
        on_begin: told of each task that begins.
        on_end: told of each task that ended, and why it was not carried out; empty: it was.
        report: progress within a task.
    """

    place: SitePlace
    admission: Admission
    audit: AuditLog
    on_begin: Callable[[AnyTask], None]
    on_end: Callable[[AnyTask | None, str], None]
    report: Report


_context: list[SiteContext] = []


def be_site(context: SiteContext) -> None:
    """Make this process that site, once."""
    assert not _context
    _context.append(context)


def this_site() -> SiteContext | None:
    """Return the site that this process is, None at the coordinator."""
    return _context[0] if _context else None
