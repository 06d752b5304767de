"""A person sets what the panel works with."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
import slicer
from PySide6.QtCore import QSettings

from builders.predict_panel import choose_file
from doubles.run_command import small_ct
from harness.application import packages as slicer_packages
from harness.earlier_slicer import play_slicer_5_10
from harness.fixtures import SlicerApp
from harness.person import Person


@pytest.fixture
def packages(slicer_app: SlicerApp) -> ModuleType:
    """Can be imported in an application only."""
    return importlib.import_module("fedkd_slicer.panel.packages")


def kept(name: str) -> str:
    return str(QSettings().value(f"FedKDSlicer/{name}", ""))


def test_settings_are_kept_and_shown_again(person: Person, tmp_path: Path) -> None:
    person.show_tab("Settings")
    person.type_text("readerCode", " R1 ")
    person.type_text("settingsOutputFolder", str(tmp_path / "elsewhere"))
    person.choose("device", "The processor")
    person.choose("backend", "PyTorch")
    person.reload_module()
    person.show_tab("Settings")
    assert person.find("readerCode").text == "R1"
    assert (kept("readerCode"), kept("device"), kept("backend")) == ("R1", "cpu", "torch")
    person.show_tab("Predict & Review")
    assert person.find("outputFolder").currentPath == str(tmp_path / "elsewhere")


def test_a_python_is_tested(person: Person) -> None:
    person.show_tab("Settings")
    person.type_text("otherPythonPath", sys.executable)
    person.press("Test it")
    person.wait_until(lambda: "It works: fedkd" in person.sees(), 60)


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false"])
def test_a_python_that_does_not_work_is_told(person: Person, tmp_path: Path, program: str) -> None:
    person.show_tab("Settings")
    person.type_text("otherPythonPath", program)
    person.press("Test it")
    person.wait_until(lambda: "That did not work" in person.sees(), 60)
    assert "What to do: Choose a" in person.sees()
    person.show_tab("Predict & Review")
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    person.press("Predict")
    person.wait_until(lambda: "That did not work" in person.sees(), 60)
    person.show_tab("Settings")
    person.press("Slicer's own Python (recommended)")
    assert kept("python") == ""


def lack_packages(packages: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requirements", lambda: ["torch>=2.0", "no-such-package-of-anybody>=1.0"])


def test_packages_are_asked_for_by_the_action_that_needs_them(
    person: Person, packages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QSettings().remove("FedKDSlicer/python")
    lack_packages(packages, monkeypatch)
    slicer_packages.forget()
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    assert slicer_packages.asked_for == []
    person.press("Predict")
    assert slicer_packages.asked_for == [("torch>=2.0", "no-such-package-of-anybody>=1.0")]
    assert "packages that predictions need are not installed" in person.sees()
    assert person.find("Predict").enabled


def test_slicer_5_10_asks_before_it_installs(
    person: Person, slicer_app: SlicerApp, packages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QSettings().remove("FedKDSlicer/python")
    play_slicer_5_10(monkeypatch)
    lack_packages(packages, monkeypatch)
    installed: list[object] = []
    monkeypatch.setattr(slicer.util, "pip_install", installed.append)
    choose_file(person, small_ct(tmp_path / "good.nii.gz"))
    slicer_app.dialogs.answer("Download and install", "cancel")
    person.press("Predict")
    assert installed == []
    assert "packages that predictions need are not installed" in person.sees()
    slicer_app.dialogs.answer("Download and install", "ok")
    person.show_tab("Settings")
    person.press("Install packages...")
    assert [call[0] for call in installed] == ["-r"]
    assert "All packages are installed." in person.sees()


def test_torch_is_left_to_its_extension(packages: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    class Logic:
        def installTorch(self, **how: object) -> None:  # noqa: N802 (Slicer's name)
            asked.append(how)

    extension = type(sys)("PyTorchUtils")
    extension.PyTorchUtilsLogic = Logic
    monkeypatch.setitem(sys.modules, "PyTorchUtils", extension)
    monkeypatch.setattr(packages, "requirements", lambda: ["torch>=999.1"])
    trouble = packages.install()
    assert asked == [{"askConfirmation": True, "torchVersionRequirement": ">=999.1"}]
    assert trouble is not None, "the user has declined"


def test_what_is_installed_is_seen_without_importing_it(packages: ModuleType) -> None:
    assert packages._is_installed("numpy>=1.0")
    assert not packages._is_installed("numpy>=999")
    assert not packages._is_installed("no-such-package-of-anybody>=1")
    assert packages._is_installed("isal>=1.7; platform_machine != 'ARM64'"), "one that only some computers have"
