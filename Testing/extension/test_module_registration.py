"""The module file loads in an application; small stand-ins take the place of the application's classes."""

from __future__ import annotations

import importlib.util
import sys
import unittest
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import fedkd

MODULE_FILE = Path(__file__).resolve().parents[2] / "FedKDSlicer" / "FedKDSlicer.py"


class Module:
    def __init__(self, parent: SimpleNamespace) -> None:
        self.parent = parent


class Widget:
    pass


class OtherWidget:
    pass


def module_of(name: str, **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


@pytest.fixture
def module_file(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    stand_ins = [
        module_of("slicer"),
        module_of("slicer.util", VTKObservationMixin=OtherWidget),
        module_of("slicer.i18n", tr=lambda text: text, translate=lambda context, text: text),
        module_of(
            "slicer.ScriptedLoadableModule",
            ScriptedLoadableModule=Module,
            ScriptedLoadableModuleWidget=Widget,
            ScriptedLoadableModuleTest=unittest.TestCase,
        ),
    ]
    for stand_in in stand_ins:
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    spec = importlib.util.spec_from_file_location("FedKDSlicer", MODULE_FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_module_says_what_it_is(module_file: ModuleType) -> None:
    parent = SimpleNamespace()
    module_file.FedKDSlicer(parent)
    assert parent.title == "FedKDSlicer"
    assert parent.categories == ["Cardiac"]
    assert fedkd.NOT_FOR_CLINICAL_USE in parent.helpText
    assert "10.1038/s41746-025-01434-3" in parent.acknowledgementText


def test_everything_was_packaged(module_file: ModuleType) -> None:
    module_file.FedKDSlicerTest().test_resources()
