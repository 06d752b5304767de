"""The tab "Settings": who reviews, which Python computes, where results go. Each is kept as soon as it is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ctk
import qt
from slicer.i18n import tr as _

from fedkd.errors import ExitCode
from fedkd_slicer.panel import packages
from fedkd_slicer.panel.engine.questions import Questions
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.settings import BACKENDS, DEVICES
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.trouble_box import TroubleBox
from fedkd_slicer.panel.ui_files import load_ui


class SettingsTab:
    """Shows the settings when it is entered, and keeps what the user changes."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._settings = shared.settings
        self._questions = Questions()
        self._trouble = TroubleBox()
        self.widget, self._ui = load_ui("SettingsTab")
        ui = self._ui
        ui.engineLayout.addWidget(self._trouble.widget)
        ui.otherPythonPath.filters = ctk.ctkPathLineEdit.Files | ctk.ctkPathLineEdit.Executable
        ui.settingsOutputFolder.filters = ctk.ctkPathLineEdit.Dirs | ctk.ctkPathLineEdit.Writable
        ui.device.addItems([_("A graphics card where there is one"), _("The processor"), _("A graphics card (CUDA)")])
        ui.backend.addItems([_("The fastest that is installed"), _("PyTorch"), _("OpenVINO")])
        self._show()
        self._connect()
        shared.pulse.add(self._questions.look, lambda: self._questions.any_open)

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Settings")

    def enter(self) -> None:
        """Other tabs may have changed a setting."""
        self._show()

    def exit(self) -> None:
        """Nothing is left open: each change was kept."""

    def scene_closed(self) -> None:
        """Settings do not depend on the scene."""

    def cleanup(self) -> None:
        """Wait for no answer."""
        self._questions.close()

    def _connect(self) -> None:
        ui = self._ui
        ui.readerCode.connect("editingFinished()", self._reader_changed)
        ui.slicerPython.connect("clicked()", self._python_changed)
        ui.otherPython.connect("clicked()", self._python_changed)
        ui.otherPythonPath.connect("currentPathChanged(QString)", self._python_changed)
        ui.device.connect("activated(int)", self._device_changed)
        ui.backend.connect("activated(int)", self._backend_changed)
        ui.settingsOutputFolder.connect("currentPathChanged(QString)", self._output_changed)
        ui.testButton.connect("clicked()", self._test)
        ui.installButton.connect("clicked()", self._install)

    def _show(self) -> None:
        ui, settings = self._ui, self._settings
        ui.readerCode.text = settings.reader_code
        ui.slicerPython.setChecked(not settings.other_python)
        ui.otherPython.setChecked(bool(settings.other_python))
        _set_path(ui.otherPythonPath, settings.other_python)
        ui.device.setCurrentIndex(DEVICES.index(settings.device))
        ui.backend.setCurrentIndex(BACKENDS.index(settings.backend))
        _set_path(ui.settingsOutputFolder, str(settings.output_folder))
        self._show_which_python()

    def _show_which_python(self) -> None:
        other = self._ui.otherPython.isChecked()
        self._ui.otherPythonPath.setEnabled(other)
        self._ui.installButton.setEnabled(not other)
        self._ui.testButton.setEnabled(not other or bool(self._ui.otherPythonPath.currentPath.strip()))

    def _reader_changed(self) -> None:
        self._settings.reader_code = self._ui.readerCode.text

    def _python_changed(self) -> None:
        other = self._ui.otherPython.isChecked()
        self._settings.other_python = self._ui.otherPythonPath.currentPath if other else ""
        self._say("")
        self._show_which_python()

    def _device_changed(self, index: int) -> None:
        self._settings.device = DEVICES[index]

    def _backend_changed(self, index: int) -> None:
        self._settings.backend = BACKENDS[index]

    def _output_changed(self, path: str) -> None:
        if path.strip():
            self._settings.output_folder = Path(path.strip())

    def _test(self) -> None:
        self._say(_("Starting it ..."))
        self._questions.ask(self._settings.engine_python(), ("--version",), self._works, self._works_not)
        self._shared.pulse.wake()

    def _works(self, answer: str) -> None:
        self._say(_("It works: {version}").format(version=answer.strip()))

    def _works_not(self, trouble: Trouble) -> None:
        self._say("")
        if trouble.name == ExitCode.INTERNAL.name:
            what = _("This program does not start the engine.")
            what_to_do = _("Choose a Python, 3.11 or later, in which the packages are installed.")
            trouble = replace(trouble, what=what, where=self._settings.engine_python().program, what_to_do=what_to_do)
        self._trouble.show(trouble)

    def _install(self) -> None:
        self._say("")
        trouble = packages.install()
        if trouble is None:
            self._say(_("All packages are installed."))
        else:
            self._trouble.show(trouble)

    def _say(self, text: str) -> None:
        self._trouble.clear()
        self._ui.engineAnswer.text = text
        self._ui.engineAnswer.setVisible(bool(text))


def _set_path(field: qt.QWidget, path: str) -> None:
    if field.currentPath != path:
        field.setCurrentPath(path)
