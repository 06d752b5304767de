"""Nothing that was placed is lost, and the observer is told in words."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import slicer

from builders.annotate_person import Observer
from fedkd.annotation import ReadingPlace, reading_lock


def engines() -> list[int]:
    """Return the sessions that this process has started and that still run, by their process numbers."""
    children = " ".join(file.read_text() for file in Path("/proc/self/task").glob("*/children")).split()
    return [int(pid) for pid in children if b"\0session\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_the_engine_is_killed_and_the_reading_goes_on(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.wait_saved()
    (engine,) = engines()
    os.kill(engine, signal.SIGKILL)
    observer.person.press_keys("N")
    observer.click("LCC")
    observer.person.wait_until(lambda: "ended unexpectedly" in observer.person.sees(), 60)
    observer.person.wait_until(lambda: labels_placed(observer, case) == ["RCC", "LCC"], 60)
    observer.wait_saved()
    observer.person.press_keys("Ctrl+Z")
    observer.person.wait_until(lambda: labels_placed(observer, case) == ["RCC"], 30)


def test_a_folder_that_cannot_be_written_is_told_and_saved_again(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.wait_saved()
    folder = observer.readings / "obs07"
    shutil.move(folder, observer.readings / "away")
    folder.write_text("a file where the folder was")
    observer.person.press_keys("N")
    observer.click("LCC")
    observer.person.wait_until(lambda: "NOT SAVED" in observer.person.sees(), 30)
    folder.unlink()
    observer.person.press("Save again")
    observer.wait_saved()
    assert labels_placed(observer, case) == ["RCC", "LCC"]


def test_a_place_for_readings_that_is_a_file_is_told_when_a_case_is_opened(observer: Observer) -> None:
    observer.readings.parent.mkdir(exist_ok=True)
    observer.readings.write_text("no folder")
    observer.list_cases()
    observer.person.press("nextCaseButton")
    observer.person.wait_until(lambda: "cannot be written" in observer.person.sees(), 60)
    assert observer.person.find("nextCaseButton").enabled


def test_two_windows_on_one_reading(observer: Observer) -> None:
    observer.list_cases()
    case = observer.person.find("nextCaseButton").text.removeprefix("Open the next case: ")
    with reading_lock(ReadingPlace(observer.readings, "obs07", case, 1)):
        observer.person.press("nextCaseButton")
        observer.person.wait_until(lambda: "is open in another window" in observer.person.sees(), 60)
    observer.open_next()


def test_the_ct_is_removed_from_the_scene(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    (ct,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    slicer.mrmlScene.RemoveNode(ct)
    observer.person.wait_until(lambda: "removed from the scene" in observer.person.sees(), 30)
    assert labels_placed(observer, case) == ["RCC"]
    observer.person.wait_until(lambda: "Go on with the draft" in observer.person.sees(), 60)
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode") == []


def test_the_scene_is_closed(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.person.close_scene()
    assert "The scene was closed" in observer.person.sees()
    assert labels_placed(observer, case) == ["RCC"]
    observer.person.wait_until(lambda: "Go on with the draft" in observer.person.sees(), 60)


def test_another_module_is_opened_and_the_reading_stays(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.person.leave_module()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() != interaction.Place
    observer.person.open_module("FedKDSlicer")
    observer.click("RCC")
    observer.wait_saved()
    assert labels_placed(observer, case) == ["RCC"]


def test_nothing_is_left_after_a_reload(observer: Observer) -> None:
    observer.list_cases()
    case = observer.open_next()
    observer.click("RCC")
    observer.person.reload_module()
    assert engines() == []
    assert labels_placed(observer, case) == ["RCC"]


def labels_placed(observer: Observer, case: str) -> list[str]:
    landmarks: list[dict[str, Any]] = observer.draft(case)["landmarks"]
    return [one["label"] for one in landmarks if one["state"] == "placed"]
