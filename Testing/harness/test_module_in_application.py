"""The module of today, opened, left, reloaded and unloaded as Slicer does it."""

from __future__ import annotations

import slicer

from harness.documented import PRODUCT_FOLDER
from harness.person import Person


def test_module_opens_reloads_and_closes(slicer_app) -> None:
    person = Person(slicer_app)
    module = person.install_module()
    assert module.title == "FedKDSlicer"
    assert module.categories == ["Cardiac"]
    person.open_module("FedKDSlicer")
    assert slicer.util.selectedModule() == "FedKDSlicer"
    assert "Choose a CT" in person.sees()
    person.reload_module()
    assert person.sees().count("1.  Choose a CT") == 1
    assert module.path.startswith(PRODUCT_FOLDER)
