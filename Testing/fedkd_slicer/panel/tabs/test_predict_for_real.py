"""The main path with the real engine: the test that Slicer runs of the installed module, in the stand-in."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSettings

from harness.fixtures import SlicerApp
from harness.person import Person


def test_the_modules_own_test_passes(slicer_app: SlicerApp) -> None:
    person = Person(slicer_app)
    person.install_module()
    QSettings().setValue("FedKDSlicer/outputFolder", "as the user had it")
    sys.modules["FedKDSlicer"].FedKDSlicerTest().runTest()
    assert QSettings().value("FedKDSlicer/outputFolder") == "as the user had it"
