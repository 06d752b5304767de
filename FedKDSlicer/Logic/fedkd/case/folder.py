"""Build a case folder out of sight and let it appear at once, whole."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from fedkd.atomic import writing_error
from fedkd.case.layout import CasePlace, places_left_behind
from fedkd.errors import ExitCode, FedkdError

_LOCK_PATIENCE_S = 2.0  # another run that only sweeps leftovers holds the lock for a moment


@contextlib.contextmanager
def case_lock(place: CasePlace) -> Iterator[None]:
    """Hold the case, so that no other run works on it. The system frees the lock of a process that dies.

    Raises:
        FedkdError: CASE_LOCKED, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    lock = _lock_of(place)
    try:
        lock.acquire(timeout=_LOCK_PATIENCE_S)
    except Timeout as error:
        raise FedkdError(
            ExitCode.CASE_LOCKED,
            f"Another run is working on case {place.case_id}.",
            where=place.folder,
            what_to_do="Wait for it to end, or choose another folder with --output.",
        ) from error
    except OSError as error:
        raise writing_error(place.output, error) from error
    try:
        yield
    finally:
        lock.release()


class PartialCase:
    """A case in the making. Leaving the ``with`` block without ``publish`` leaves nothing behind."""

    def __init__(self, place: CasePlace) -> None:
        self._place = place
        self.folder = place.partial / place.case_id
        self.scratch = place.partial / "scratch"

    def __enter__(self) -> PartialCase:
        try:
            # Copies of the CT lie here for a while: nobody else's business, whatever the finished case may be.
            self._place.partial.mkdir(mode=0o700)
            self.folder.mkdir()
            self.scratch.mkdir()
        except OSError as error:
            raise writing_error(self._place.output, error) from error
        return self

    def __exit__(self, *exception: object) -> None:
        clear_away(self._place)

    def publish(self) -> None:
        """Put the folder in its place; an older case there is replaced, and stays if that fails."""
        place = self._place
        if place.folder.exists():
            place.folder.replace(place.replaced)
        try:
            self.folder.replace(place.folder)
        except OSError:
            if place.replaced.exists():
                place.replaced.replace(place.folder)
            raise


def clear_away(place: CasePlace) -> None:
    """Remove the leftovers of one case of one run; a set-aside case without successor is put back."""
    if place.replaced.exists() and not place.folder.exists():
        place.replaced.replace(place.folder)
    for leftover in (place.partial, place.replaced):
        _remove_folder(leftover)


def clear_away_dead_runs(output: Path, only: Collection[str] | None = None) -> None:
    """Remove what runs that are no more left in ``output``; folders of running ones are not touched.

    Args:
        output: an output folder.
        only: ids of cases; None: all. Where several computers share a folder whose file system keeps its locks to
            each computer, a running one cannot be told from a dead one by its lock.
    """
    if not output.is_dir():
        return
    for place in places_left_behind(output):
        if only is not None and place.case_id not in only:
            continue
        lock = _lock_of(place)
        try:
            with lock.acquire(timeout=0):
                clear_away(place)
        except (Timeout, OSError):
            continue


def _lock_of(place: CasePlace) -> FileLock:
    with contextlib.suppress(OSError):  # acquiring says why
        place.lock_file.parent.mkdir(exist_ok=True)
    return FileLock(place.lock_file, thread_local=False)  # a case may be begun by one thread and ended by another


def _remove_folder(folder: Path) -> None:
    if folder.is_symlink():  # a case that was a link: where it leads is not ours
        folder.unlink()
        return
    # A process that was just killed may still be finishing its last write.
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)
