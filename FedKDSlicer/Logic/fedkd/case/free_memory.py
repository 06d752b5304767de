"""How much memory this process may still take, before the kernel ends it.

Linux only: there a process that takes too much is ended without a word, and a container's or a cluster job's limit is
often far below what the computer has. Elsewhere the system swaps, and nothing needs to be known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_LIMIT_AND_USED = {
    "2": ("memory.max", "memory.current", "inactive_file"),
    "1": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
# Where the kernel shows the groups of each version.
_MOUNTS = {"2": ("sys/fs/cgroup", "sys/fs/cgroup/unified"), "1": ("sys/fs/cgroup/memory",)}


def free_bytes(root: Path = Path("/")) -> int | None:
    """Return the bytes that are left to this process: of the computer, and of every group that it is in.

    Args:
        root: where ``proc`` and ``sys`` are.

    Returns:
        None where it cannot be known.
    """
    left = [value for value in (_left_on_computer(root), *_left_in_groups(root)) if value is not None]
    return min(left, default=None)


def _left_on_computer(root: Path) -> int | None:
    return _field(root / "proc/meminfo", "MemAvailable:", 1024)


def _left_in_groups(root: Path) -> Iterator[int | None]:
    """Yield what is left in each control group from this process' own one upwards: each limits those below it."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            number, controllers, path = line.split(":", 2)
            version = "2" if number == "0" else "1"
            if version == "1" and "memory" not in controllers.split(","):
                continue
            # Inside a container the path may be the host's, which is not there, while the mount is the own group.
            inside = PurePosixPath(path.lstrip("/"))
            for mount in _MOUNTS[version]:
                for group in (inside, *inside.parents):
                    yield _left_in_group(root / mount / group, version)


def _left_in_group(group: Path, version: str) -> int | None:
    limit_name, used_name, reclaimable_name = _LIMIT_AND_USED[version]
    limit, used = _number(group / limit_name), _number(group / used_name)
    if limit is None or used is None:
        return None
    # Pages of files count as used, although they make room when it is needed.
    reclaimable = _field(group / "memory.stat", reclaimable_name, 1) or 0
    return max(0, limit - max(0, used - reclaimable))


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # absent, or "max"
        return None


def _field(path: Path, name: str, unit_bytes: int) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[:1] == [name]:
                return int(words[1]) * unit_bytes
    return None
