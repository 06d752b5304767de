"""How much memory is free for more work: the machine's, or less where a job may not have all of it (Linux).

Control groups are what SLURM and containers limit memory with: man 7 cgroups.
"""

from __future__ import annotations

from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_OWN_GROUPS = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")


def free_memory_bytes(meminfo: Path = _MEMINFO, own_groups: Path = _OWN_GROUPS, groups: Path = _GROUPS) -> int | None:
    """Return how many bytes can be used without swapping, or None where the system does not tell.

    The arguments are for tests: the files that Linux tells it in.
    """
    machine = _numbers(meminfo).get("MemAvailable:")
    if machine is None:
        return None
    limits = [_left_in(group) for group in _groups_of(own_groups, groups)]
    return min([machine * 1024, *(left for left in limits if left is not None)])


def _groups_of(own_groups: Path, groups: Path) -> list[Path]:
    """Return this process' control groups that may limit memory, with those above them."""
    folders: list[Path] = []
    for line in _lines(own_groups):
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root = groups / "memory" if controllers else groups
        folder = root / path.strip("/")
        folders += [place for place in (folder, *folder.parents) if place.is_relative_to(root)]
    return folders


def _left_in(group: Path) -> int | None:
    """Return what a group may still take; pages that only mirror files are given back when need be."""
    version_2 = _number(group / "memory.max"), _number(group / "memory.current")
    limit, used = version_2
    if limit is None or used is None:
        limit, used = _number(group / "memory.limit_in_bytes"), _number(group / "memory.usage_in_bytes")
    if limit is None or used is None:
        return None
    statistics = _numbers(group / "memory.stat")
    cache = statistics.get("total_inactive_file", statistics.get("inactive_file", 0))
    return max(0, limit - used + cache)


def _number(file: Path) -> int | None:
    text = "".join(_lines(file)).strip()
    return int(text) if text.isdigit() else None  # "max": no limit


def _numbers(file: Path) -> dict[str, int]:
    words = (line.split() for line in _lines(file))
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdigit()}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
