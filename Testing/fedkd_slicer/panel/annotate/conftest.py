"""The application, and an observer who has the tab open with the real engine and two CTs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import SimpleITK as sitk
from PySide6.QtCore import QSettings

from builders.annotate_person import Observer
from builders.soft_root import soft_ct
from harness.fixtures import SlicerApp, slicer_app
from harness.person import Person

__all__ = ["slicer_app"]


@pytest.fixture(scope="session")
def study_cts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two CTs of one root."""
    folder = tmp_path_factory.mktemp("study") / "cts"
    folder.mkdir()
    for name, noise in (("c01", 5.0), ("c02", 10.0)):
        sitk.WriteImage(soft_ct(noise_hu=noise).image, str(folder / f"{name}.nii.gz"))
    return folder


@pytest.fixture
def observer(slicer_app: SlicerApp, tmp_path: Path, study_cts: Path) -> Observer:
    """A person at the Annotate tab."""
    QSettings().setValue("FedKDSlicer/python", sys.executable)
    person = Person(slicer_app)
    person.install_module()
    person.open_module("FedKDSlicer")
    person.show_tab("Annotate")
    return Observer(person, study_cts, tmp_path / "readings")
