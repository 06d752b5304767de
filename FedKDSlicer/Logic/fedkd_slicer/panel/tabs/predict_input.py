"""Where the user says what is to be predicted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from fedkd_slicer.panel.ui_files import load_ui
from fedkd_slicer.panel.worklist.dicom_series import CtSeries, known_ct_series
from fedkd_slicer.panel.worklist.given import Given, GivenPath, GivenSeries, GivenVolume, case_name, name_from_hash

_VOLUME, _FILE, _SERIES, _WORKLIST = range(4)


class PredictInput:
    """A volume, a file, a DICOM series, or a list of CTs.

    Args:
        changed: is told when the user has chosen something else.
        make_sample: makes a synthetic CT.
    """

    def __init__(self, changed: Callable[[], None], make_sample: Callable[[], None]) -> None:
        self.widget, self._ui = load_ui("PredictInput")
        self._changed = changed
        self._series = known_ct_series()
        ui = self._ui
        ui.volumeSelector.setMRMLScene(slicer.mrmlScene)
        ui.ctFile.filters = ctk.ctkPathLineEdit.Files | ctk.ctkPathLineEdit.Readable
        ui.inputKind.connect("currentIndexChanged(int)", self._show_kind)
        ui.volumeSelector.connect("currentNodeChanged(vtkMRMLNode*)", self._choice_changed)
        ui.ctFile.connect("currentPathChanged(QString)", self._choice_changed)
        ui.seriesSelector.connect("currentIndexChanged(int)", self._choice_changed)
        ui.worklistPath.connect("textChanged(QString)", self._choice_changed)
        ui.worklistFolderButton.connect("clicked()", self._ask_folder)
        ui.worklistTableButton.connect("clicked()", self._ask_table)
        # Slicer's sample data are downloaded from a server, by their hashes. There is none for ours: one is made here.
        ui.sampleButton.connect("clicked()", make_sample)
        self._show()

    def enter(self) -> None:
        """The database and the scene may have changed meanwhile."""
        self._list_series()
        self._show()

    def set_enabled(self, enabled: bool) -> None:
        """While a prediction runs, nothing else can be chosen."""
        self.widget.setEnabled(enabled)

    def choose_file(self, file: Path) -> None:
        """Choose a file for the user."""
        self._ui.inputKind.setCurrentIndex(_FILE)
        self._ui.ctFile.setCurrentPath(str(file))

    def chosen(self) -> Given | None:
        """Return what is chosen; None: nothing."""
        kind, ui = self._ui.inputKind.currentIndex, self._ui
        if kind == _VOLUME:
            volume = ui.volumeSelector.currentNode()
            return None if volume is None else GivenVolume(volume.GetID(), self._case_name())
        if kind == _SERIES:
            series = self._chosen_series()
            return None if series is None else GivenSeries(series.files(), self._case_name())
        path = (ui.ctFile.currentPath if kind == _FILE else ui.worklistPath.text).strip()
        return GivenPath(Path(path)) if path else None

    @property
    def is_worklist(self) -> bool:
        """True when several CTs may be chosen."""
        return self._ui.inputKind.currentIndex == _WORKLIST

    @property
    def volume_id(self) -> str:
        """The id of the chosen volume; empty: another kind of input."""
        volume = self._ui.volumeSelector.currentNode() if self._ui.inputKind.currentIndex == _VOLUME else None
        return "" if volume is None else volume.GetID()

    def _show_kind(self, kind: int) -> None:
        self._ui.inputPages.setCurrentIndex(kind)
        if kind == _SERIES:
            self._list_series()
        self._choice_changed()

    def _choice_changed(self) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        kind = self._ui.inputKind.currentIndex
        has_name = kind in (_VOLUME, _SERIES) and bool(self._default_name())
        self._ui.caseName.setVisible(has_name)
        self._ui.caseNameLabel.setVisible(has_name)
        self._ui.caseName.placeholderText = self._default_name()
        self._ui.inputHint.text = self._hint(kind)
        self._ui.inputHint.setVisible(bool(self._ui.inputHint.text))

    def _hint(self, kind: int) -> str:
        if kind == _VOLUME and self._ui.volumeSelector.nodeCount() == 0:
            return _("No volume is open in Slicer. Load one, take a file, or make a sample CT to try this with.")
        if kind == _SERIES and not self._series:
            return _("There is no CT series in Slicer's DICOM database. Import one in the DICOM module first.")
        if kind == _SERIES:
            return _("The case name is made from a hash, so that no patient's name gets into folder names.")
        if kind == _FILE:
            return _("The file's name becomes the case name: it should hold no patient's name.")
        if kind == _WORKLIST:
            return _("Names of files and folders become case names: they should hold no patient's name.")
        return ""

    def _case_name(self) -> str:
        return case_name(self._ui.caseName.text, self._default_name())

    def _default_name(self) -> str:
        if self._ui.inputKind.currentIndex == _SERIES:
            series = self._chosen_series()
            return "" if series is None else name_from_hash(series.uid)
        volume = self._ui.volumeSelector.currentNode()
        return "" if volume is None else case_name(volume.GetName(), "ct")

    def _list_series(self) -> None:
        chosen = self._chosen_series()
        self._series = known_ct_series()
        selector = self._ui.seriesSelector
        selector.clear()
        selector.addItems([_("Choose a series"), *(each.text for each in self._series)])
        if chosen in self._series:
            selector.setCurrentIndex(self._series.index(chosen) + 1)

    def _chosen_series(self) -> CtSeries | None:
        index = self._ui.seriesSelector.currentIndex
        return self._series[index - 1] if 0 < index <= len(self._series) else None

    def _ask_folder(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self.widget, _("Choose the folder with the CTs"))
        if folder:
            self._ui.worklistPath.text = folder

    def _ask_table(self) -> None:
        file = qt.QFileDialog.getOpenFileName(self.widget, _("Choose the CSV file"), "", "CSV (*.csv)")
        if file:
            self._ui.worklistPath.text = file
