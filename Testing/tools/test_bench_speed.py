"""The benchmark works from end to end, and its arithmetic is right. No test looks at how long something took."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from structure.source_tree import ROOT

sys.path.append(str(ROOT / "Tools"))

from speed.aims import aims_of
from speed.counted import Spell, seconds_of
from speed.memory import TreeMemory, descendants
from speed.plan import FULL
from speed.publish import BEGIN, END, publish, with_measured
from speed.ratios import ratios_of
from speed.results import Pairs, Proper, SpeedReport
from speed.tables import sheets_of
from speed.timed_process import run_timed

SVG = "{http://www.w3.org/2000/svg}svg"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, ROOT / "Tools" / "bench_speed.py", "--quick", "--folder", folder]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="module")
def report(quick: Path) -> SpeedReport:
    return SpeedReport.model_validate_json((quick / "speed.json").read_text(encoding="utf-8"))


def test_whole_command_is_measured(report: SpeedReport) -> None:
    (size,) = report.sizes
    ((run,),) = size.warm.values()
    assert run.scene_made
    assert 5 <= run.points_found <= 7  # of a CT this coarse the model need not find all
    assert run.wall_s > run.case_s > 0
    assert run.startup_s == pytest.approx(run.wall_s - run.case_s)
    assert {"read", "localize", "landmarks", "measure", "scene"} <= run.stages_s.keys()
    if Path("/proc/self/smaps_rollup").exists():
        assert run.peak_rss_mb is not None
        assert run.peak_pss_mb is not None
        assert run.peak_rss_mb >= run.peak_pss_mb > 200, "the worker alone holds PyTorch"


def test_reference_procedure_runs_beside_it(report: SpeedReport) -> None:
    pairs = report.pairs[0]
    (reference,) = pairs.rounds[pairs.reference]
    (product,) = pairs.rounds["fedkd, torch"]
    assert reference.patches == 1, "a quick run looks at one patch of the cube"
    assert product.patches > 1
    for one in (reference, product):
        assert 0 < one.network_s < one.whole_s


def test_networks_were_seen_running_in_the_command(report: SpeedReport) -> None:
    assert 0 < report.single_counted.network_s_a_case < report.single_counted.seconds_a_case
    assert 0 < report.single_counted.share_outside < 1


def test_student_is_slower_than_a_matrix_product(report: SpeedReport) -> None:
    one = report.throughput[0]
    assert one.gflop_per_patch > 1
    assert all(0 < speed.share_of_peak < 1 for speed in one.speeds)
    assert 0 < one.matrix_share < 1
    assert len(one.top_operations) == 5


def test_pictures_are_pictures(quick: Path) -> None:
    with Image.open(quick / "speed.png") as picture:
        assert picture.width > picture.height > 100
    root = ET.parse(quick / "speed.svg").getroot()  # noqa: S314 - written by this test's own process
    assert root.tag == SVG


def test_report_names_no_machine(quick: Path) -> None:
    import platform

    text = (quick / "speed.json").read_text(encoding="utf-8")
    assert str(quick) not in text
    assert f'"{platform.node()}"' not in text


def test_second_run_measures_nothing_again(quick: Path, report: SpeedReport) -> None:
    command = [sys.executable, ROOT / "Tools" / "bench_speed.py", "--quick", "--folder", quick]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.stdout.count("measured before") == 4, ended.stdout
    again = SpeedReport.model_validate_json((quick / "speed.json").read_text(encoding="utf-8"))
    assert again.sizes == report.sizes


def test_tables_go_between_the_marks_only(report: SpeedReport) -> None:
    text = with_measured(f"before\n{BEGIN}\nstale-number\n{END}\nafter\n", report)
    assert text.startswith(f"before\n{BEGIN}\nMeasured ")
    assert text.endswith(f"{END}\nafter\n")
    assert "stale-number" not in text
    assert all(sheet.title in text for sheet in sheets_of(report))


def test_quick_runs_are_not_published(report: SpeedReport, quick: Path) -> None:
    with pytest.raises(ValueError, match="quick"):
        publish(report, quick)


@pytest.mark.parametrize(
    ("wall_s", "chest_mb", "reached"), [(20.0, 2999.0, ("yes", "yes")), (20.1, 3000.0, ("no", "no"))]
)
def test_aims_are_held_against_what_was_measured(
    report: SpeedReport, wall_s: float, chest_mb: float, reached: tuple[str, str]
) -> None:
    run = report.sizes[0].warm["torch"][0].model_copy(update={"wall_s": wall_s, "peak_rss_mb": chest_mb})
    sizes = tuple(report.sizes[0].model_copy(update={"name": s.name, "warm": {"auto": (run,)}}) for s in FULL.sizes)
    changes = {"quick": False, "sizes": sizes, "cohort_counted": report.single_counted}
    (sheet,) = aims_of(report.model_copy(update=changes))
    whole, chest, trunk = sheet.rows[:3]
    assert (whole[-1], chest[-1]) == reached
    assert trunk[-1] == "yes"


def test_document_has_the_marks() -> None:
    text = (ROOT / "Docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_ratios_are_of_the_same_round() -> None:
    def proper(whole_s: float) -> Proper:
        half = whole_s / 2
        return Proper(whole_s=whole_s, whole_cpu_s=whole_s, read_s=0.0, network_s=half, patches=1)

    # The second round was slowed three times, for both: the ratio of medians would be another one.
    rounds = {"ours": (proper(1), proper(3), proper(1)), "reference": (proper(10), proper(36), proper(14))}
    whole = ratios_of(Pairs(size="x", device="cpu", reference="reference", rounds=rounds))[0]
    assert (whole.median, whole.low, whole.high, whole.rounds) == pytest.approx((12, 10, 14, 3))


def test_spells_that_overlap_count_once() -> None:
    spells = [Spell(5, 7, 1), Spell(1, 3, 1), Spell(2, 4, 1), Spell(2.2, 2.5, 1), Spell(9, 20, 1)]
    assert seconds_of(spells) == pytest.approx((4 - 1) + (7 - 5) + (20 - 9))
    assert seconds_of([]) == 0


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux' /proc")
def test_memory_and_processors_of_children_count() -> None:
    # The parent waits for a child that holds 300 MB and works for a while.
    child = "import time; kept = bytearray(300_000_000); kept[::4096] = b'x' * len(kept[::4096]); time.sleep(0.5); " + (
        "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    took = run_timed([sys.executable, "-c", parent], {})
    assert took.peak_rss_mb is not None
    assert 300 < took.peak_rss_mb < 420
    assert took.cpu_s >= 0.3


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux' /proc")
def test_descendants_are_found() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(20)'])"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            found: list[int] = []
            while len(found) < 2 and process.poll() is None:
                found = descendants(process.pid)
                time.sleep(0.05)
            assert found[0] == process.pid
            assert len(found) == 2
            with TreeMemory(process.pid) as memory:
                time.sleep(0.2)
            assert memory.rss_mb is not None
        finally:
            subprocess.run(["kill", *map(str, found)], check=False)  # noqa: S607


def test_failed_command_says_what_it_said() -> None:
    with pytest.raises(RuntimeError, match="sorry"):
        run_timed([sys.executable, "-c", "import sys; sys.exit('sorry')"], {})
