from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fedkd.case.folder import PartialCase, case_lock, clear_away_dead_runs
from fedkd.case.layout import CasePlace
from fedkd.errors import ExitCode, FedkdError


def place_of(output: Path, case_id: str = "case-1") -> CasePlace:
    return CasePlace(output, case_id, "0123456789ab")


@pytest.mark.parametrize("case_id", ["", ".", "..", "a/b", "a\\b", ".hidden", "a\nb", "x" * 200])
def test_case_id_cannot_lead_elsewhere(tmp_path: Path, case_id: str) -> None:
    with pytest.raises(FedkdError) as caught:
        place_of(tmp_path, case_id)
    assert caught.value.code is ExitCode.USAGE


def test_nothing_stays_of_a_case_that_fails(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with PartialCase(place_of(tmp_path)) as partial:
            (partial.folder / "file").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []


def test_case_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with PartialCase(place_of(tmp_path)) as partial:
            (partial.folder / content).write_text(content)
            partial.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["case-1"]
    assert [path.name for path in (tmp_path / "case-1").iterdir()] == ["new"]


def test_old_case_stays_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    place.folder.mkdir()
    (place.folder / "old").write_text("old")
    with PartialCase(place) as partial:
        partial.folder.rmdir()
        with pytest.raises(FileNotFoundError):
            partial.publish()
    assert (place.folder / "old").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["case-1"]


def test_leftovers_of_dead_runs_are_removed_and_of_running_ones_not(tmp_path: Path) -> None:
    dead, running = place_of(tmp_path, "dead-case"), place_of(tmp_path, "running")
    for place in (dead, running):
        (place.partial / place.case_id).mkdir(parents=True)
    with case_lock(running):
        clear_away_dead_runs(tmp_path)
        assert not dead.partial.exists()
        assert running.partial.exists()
    clear_away_dead_runs(tmp_path)
    assert not running.partial.exists()


def test_case_set_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    place.replaced.mkdir()
    (place.replaced / "old").write_text("old")
    place.partial.mkdir()
    clear_away_dead_runs(tmp_path)
    assert (place.folder / "old").is_file()
    assert not place.partial.exists()


def test_other_hidden_folders_are_left_alone(tmp_path: Path) -> None:
    for name in (".partial-", ".partial-x", ".partial-UP-ER", ".partial-backup-2024", "partial-a-0123456789ab"):
        (tmp_path / name).mkdir()
    clear_away_dead_runs(tmp_path)
    assert len([path for path in tmp_path.iterdir() if path.name != ".locks"]) == 5


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights")
def test_clearing_away_never_follows_links(tmp_path: Path) -> None:
    elsewhere, output = tmp_path / "elsewhere", tmp_path / "out"
    for folder in (elsewhere, output):
        folder.mkdir()
    (elsewhere / "precious").write_text("mine")
    place = place_of(output)
    for link in (place.partial, place.replaced, place.folder):
        link.symlink_to(elsewhere)
    clear_away_dead_runs(output)
    assert [path.name for path in output.iterdir() if path.name != ".locks"] == ["case-1"]
    with PartialCase(place) as partial:
        partial.publish()
    assert not place.folder.is_symlink()
    assert (elsewhere / "precious").read_text() == "mine"
    assert [path.name for path in output.iterdir() if path.name != ".locks"] == ["case-1"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_unfinished_cases_are_for_their_owner_only(tmp_path: Path) -> None:
    with PartialCase(place_of(tmp_path)):
        assert place_of(tmp_path).partial.stat().st_mode & 0o077 == 0


def test_case_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with case_lock(place_of(tmp_path)):
        with pytest.raises(FedkdError) as caught, case_lock(CasePlace(tmp_path, "case-1", "other1")):
            pass
        assert caught.value.code is ExitCode.CASE_LOCKED
    with case_lock(place_of(tmp_path)):
        pass
