"""What is left is the computer's memory or the tightest group's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fedkd.case.free_memory import free_bytes

GB = 10**9
COMPUTER = {"proc/meminfo": "MemTotal: 24000000 kB\nMemAvailable:   20000000 kB\n"}


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in (COMPUTER | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


def group(folder: str, limit: str, used: int, cached: int = 0) -> dict[str, str]:
    base = f"sys/fs/cgroup/{folder}".rstrip("/")
    stat = f"anon 1\ninactive_file {cached}\n"
    return {f"{base}/memory.max": limit, f"{base}/memory.current": f"{used}\n", f"{base}/memory.stat": stat}


def test_without_groups_it_is_what_the_computer_has(tmp_path: Path) -> None:
    assert free_bytes(system(tmp_path, {})) == 20_000_000 * 1024


def test_a_container_of_eight_gigabytes_is_seen_on_a_larger_computer(tmp_path: Path) -> None:
    files = group("", f"{8 * GB}\n", 3 * GB, cached=1 * GB) | {"proc/self/cgroup": "0::/\n"}
    assert free_bytes(system(tmp_path, files)) == 6 * GB


def test_the_tightest_group_above_counts_and_max_is_no_limit(tmp_path: Path) -> None:
    files = group("jobs/job_7/step_0", "max\n", 1 * GB) | group("jobs/job_7", f"{4 * GB}\n", 1 * GB)
    files |= group("jobs", f"{16 * GB}\n", 9 * GB) | {"proc/self/cgroup": "0::/jobs/job_7/step_0\n"}
    assert free_bytes(system(tmp_path, files)) == 3 * GB


def test_groups_of_the_first_version_are_read_even_where_the_path_is_the_hosts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{1 * GB}\n",
    }
    assert free_bytes(system(tmp_path, files)) == 1 * GB


def test_a_group_above_its_limit_has_nothing_left(tmp_path: Path) -> None:
    files = group("", f"{1 * GB}\n", 2 * GB) | {"proc/self/cgroup": "0::/\n"}
    assert free_bytes(system(tmp_path, files)) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes that take too much")
def test_this_computer_has_memory_and_not_more_than_exists() -> None:
    free = free_bytes()
    assert free is not None
    total_kb = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1])
    assert 0 < free <= total_kb * 1024


def test_pages_that_mirror_files_are_left_in_groups_of_the_first_version_too(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "3:memory:/job\n",
        "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "8000\n",
        "sys/fs/cgroup/memory/job/memory.usage_in_bytes": "7000\n",
        "sys/fs/cgroup/memory/job/memory.stat": "total_inactive_file 500\n",
    }
    assert free_bytes(system(tmp_path, files)) == 1500


def test_a_system_without_any_of_these_files_is_unknown(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) is None
