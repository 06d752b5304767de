"""What is left is the computer's memory or the tightest group's, and a network that needs more is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders.tiny_models import STUDENT, tiny_model
from fedkd.backends import Target, choice, make_ready, memory_needs
from fedkd.backends.free_memory import free_bytes
from fedkd.backends.memory_needs import needed_bytes, require_memory
from fedkd.errors import ExitCode, FedkdError
from fedkd.models import StageSpec
from fedkd.networks import PlainConvUNetSpec, ResidualUNetSpec, SwinUNETRSpec, UNETRSpec
from fedkd.networks.spec import AnySpec

GB = 10**9
TESTING = Path(__file__).resolve().parents[2]
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


def test_a_system_that_says_nothing_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert free_bytes(tmp_path) is None
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: None)
    require_memory(STUDENT)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes that take too much")
def test_this_computer_has_memory_and_not_more_than_exists() -> None:
    free = free_bytes()
    assert free is not None
    total_kb = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1])
    assert 0 < free <= total_kb * 1024


@pytest.mark.parametrize("backend", ["torch", "openvino", "auto"])
def test_a_network_that_does_not_fit_is_refused_before_it_is_prepared(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "openvino" and not choice.has_openvino():
        pytest.skip("OpenVINO, an optional backend, is not installed")
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: 10**7)
    with pytest.raises(FedkdError) as caught:
        make_ready(tiny_model(), Target(backend, "cpu"))
    assert caught.value.code == ExitCode.OUT_OF_MEMORY
    assert "10 MB are free" in caught.value.what


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_needs, "free_bytes", lambda: needed_bytes(STUDENT))
    require_memory(STUDENT)


def stage(network: AnySpec, side: int = 96) -> StageSpec:
    return StageSpec.model_validate(STUDENT.model_dump() | {"network": network.model_dump(), "patch_size": side})


HEADS = {"hps": 6, "ms": 3, "calc": 2}


def test_the_studys_student_fits_beside_a_ct_on_eight_gigabytes() -> None:
    assert 1 * GB < needed_bytes(stage(SwinUNETRSpec(heads=HEADS, feature_size=48))) < 2 * GB


# Bytes per voxel of a patch of 96^3 at the peak of resident memory, measured in processes of their own.
@pytest.mark.parametrize(
    ("network", "measured"),
    [
        (SwinUNETRSpec(heads=HEADS, feature_size=12), 1394),
        (SwinUNETRSpec(heads=HEADS, feature_size=24), 1444),
        (SwinUNETRSpec(heads=HEADS, feature_size=24, window_size=4), 865),
        (SwinUNETRSpec(heads=HEADS, feature_size=48), 1643),
        (PlainConvUNetSpec(heads=HEADS, filters=(16, 32, 64, 128, 256, 320)), 510),
        (PlainConvUNetSpec(heads=HEADS), 969),
        (ResidualUNetSpec(heads=HEADS), 921),
        (UNETRSpec(heads=HEADS, feature_size=16), 572),
        (UNETRSpec(heads=HEADS, feature_size=64), 1877),
    ],
)
def test_estimate_is_a_little_less_than_what_was_measured(network: AnySpec, measured: int) -> None:
    assert 0.75 * measured < needed_bytes(stage(network)) / 96**3 <= measured


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are only known on Linux")
def test_a_patch_takes_at_least_what_was_estimated() -> None:
    """In a process of its own, where nothing that was freed before is used again."""
    command = [sys.executable, "-c", ONE_PATCH]
    ended = subprocess.run(command, cwd=TESTING, capture_output=True, text=True, check=True, timeout=300)
    taken, needed = (float(word) for word in ended.stdout.split())
    assert needed <= taken < 4 * needed


ONE_PATCH = """
import numpy as np, torch
from builders.tiny_models import STUDENT, tiny_model
from fedkd.backends.memory_needs import needed_bytes
from fedkd.backends.torch_backend import TorchBackend
from fedkd.case.memory import peak_mb, forget_peak
torch.set_num_threads(1)
stage = STUDENT
runner = TorchBackend(torch.device("cpu")).prepare(tiny_model(stage).network, stage)
patch = np.zeros((1, 1, 64, 64, 64), np.float32)
forget_peak()
before = peak_mb()
runner.probabilities(patch)
print((peak_mb() - before) * 1e6, needed_bytes(stage))
"""
