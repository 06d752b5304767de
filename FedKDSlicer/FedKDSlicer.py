"""Registers FedKDSlicer with 3D Slicer. What it computes lies in Logic/fedkd, apart from any application."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

# Slicer puts this file's folder on the path, but not the packages beside it.
_LOGIC_FOLDER = str(Path(__file__).resolve().parent / "Logic")
if _LOGIC_FOLDER not in sys.path:
    sys.path.append(_LOGIC_FOLDER)

from fedkd import NOT_FOR_CLINICAL_USE  # noqa: E402 (needs the path above)

PAPER_URL = "https://doi.org/10.1038/s41746-025-01434-3"


class FedKDSlicer(ScriptedLoadableModule):
    """Title, category and texts for the module's page in Slicer."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        parent.title = _("FedKDSlicer")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Cardiac")]
        parent.dependencies = []
        parent.contributors = ["The FedKDSlicer developers"]
        parent.helpText = _(
            "Finds the hinge points of the aortic valve, the coronary ostia, the membranous septum and the valve's "
            "calcification in a contrast CT, for the planning of transcatheter aortic valve implantation. "
            "<p><b>{not_for_clinical_use}</b></p>"
        ).format(not_for_clinical_use=NOT_FOR_CLINICAL_USE)
        parent.acknowledgementText = _(
            "The method follows M. Tölle et al., Real world federated learning with a knowledge distilled transformer "
            'for cardiac CT imaging, npj Digital Medicine 8, 88 (2025), <a href="{url}">{url}</a>.'
        ).format(url=PAPER_URL)


class FedKDSlicerWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Hands on to the panel what Slicer tells a module."""

    def __init__(self, parent: Any = None) -> None:
        # The base class calls `setup` when it is opened without a parent: everything else has to be there before.
        self._panel: Any = None
        VTKObservationMixin.__init__(self)
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Fill the module's panel."""
        super().setup()
        from fedkd_slicer.panel.panel import Panel

        self._panel = Panel()
        self.layout.addWidget(self._panel.widget)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self._on_scene_closed)
        if slicer.util.selectedModule() == self.moduleName:
            # "Reload" makes a new panel in a module that is entered already, and does not call `enter`.
            self._panel.enter()

    def enter(self) -> None:
        """The module is shown."""
        self._panel.enter()

    def exit(self) -> None:
        """Another module is shown."""
        self._panel.exit()

    def cleanup(self) -> None:
        """The module is unloaded or reloaded."""
        self.removeObservers()
        if self._panel is not None:
            self._panel.cleanup()

    def _on_scene_closed(self, _caller: Any, _event: Any) -> None:
        self._panel.scene_closed()


class FedKDSlicerTest(ScriptedLoadableModuleTest):
    """Slicer's own test of the installed module: a sample CT is made, predicted and opened for review.

    It has not run in the real application yet, only in the stand-in of Testing/harness. It installs nothing: without
    the engine's packages in Slicer's Python it is skipped.
    """

    def runTest(self) -> None:
        """Check that everything was packaged, then take the main path."""
        self.test_resources()
        self.test_main_path()

    def test_resources(self) -> None:
        """Everything the module needs was packaged."""
        from fedkd.anatomy import LANDMARK_NAMES

        self.assertEqual(len(LANDMARK_NAMES), 7)
        resources = Path(__file__).resolve().parent / "Resources"
        for needed in ("Icons/FedKDSlicer.png", "UI/Panel.ui", "Models/embedded/model.json", "requirements.txt"):
            self.assertTrue((resources / needed).is_file(), needed)

    def test_main_path(self) -> None:
        """Make a CT, predict it, and find the case open with seven landmarks."""
        from fedkd_slicer.panel import packages
        from fedkd_slicer.panel.self_test import MainPath

        if not packages.are_installed():
            self.skipTest("the engine's packages are not installed in Slicer's Python")
        slicer.mrmlScene.Clear(False)
        slicer.util.selectModule("FedKDSlicer")
        with tempfile.TemporaryDirectory() as folder, MainPath(Path(folder)) as main_path:
            case = main_path.predict_sample()
            self.assertEqual(len(case.landmarks), 7)
            self.assertTrue(main_path.landmark_nodes())
