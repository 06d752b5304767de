"""Where an observer says who reads, which CTs, and whether blind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import ctk
from slicer.i18n import tr as _

from fedkd.case.layout import OBSERVER_CODE
from fedkd_slicer.panel.engine.reading_client import Study
from fedkd_slicer.panel.settings import Settings
from fedkd_slicer.panel.ui_files import load_ui

_CODE = re.compile(OBSERVER_CODE)


class AnnotateStudy:
    """Codes, folders, and blind or not; kept for the next start.

    Args:
        settings: of the panel.
        chosen: is told when the observer wants to see the cases.
    """

    def __init__(self, settings: Settings, chosen: Callable[[Study], None]) -> None:
        self.widget, self._ui = load_ui("AnnotateStudy")
        self._settings, self._chosen = settings, chosen
        ui = self._ui
        ui.observerCode.text, ui.siteCode.text = settings.observer_code, settings.site_code
        for field, folder in ((ui.ctsFolder, settings.study_cts), (ui.readingsFolder, settings.study_readings)):
            field.filters = ctk.ctkPathLineEdit.Dirs
            field.setCurrentPath(folder)
            field.connect("currentPathChanged(QString)", self._update)
        for code in (ui.observerCode, ui.siteCode):
            code.connect("textChanged(QString)", self._update)
        ui.blindMode.connect("toggled(bool)", self._update)
        ui.listCasesButton.connect("clicked()", self._list)
        self._update()

    def set_enabled(self, enabled: bool) -> None:
        """While a reading is open, it stays as it is."""
        self.widget.setEnabled(enabled)

    def study(self) -> Study | None:
        """Return what was filled in; None: not all of it, or not rightly."""
        ui = self._ui
        if self._why_not():
            return None
        folders = Path(ui.ctsFolder.currentPath.strip()), Path(ui.readingsFolder.currentPath.strip())
        return Study(ui.observerCode.text.strip(), ui.siteCode.text.strip(), *folders, blind=ui.blindMode.checked)

    def _why_not(self) -> str:
        ui = self._ui
        for code, whose in ((ui.observerCode, _("your observer code")), (ui.siteCode, _("your site's code"))):
            if not code.text.strip():
                return _("Fill in {whose}.").format(whose=whose)
            if not _CODE.fullmatch(code.text.strip()):
                return _(
                    "In {whose} only letters, digits, - and _ are allowed, and it begins with none of the two."
                ).format(whose=whose)
        for folder, which in (
            (ui.ctsFolder, _("the folder with the CTs")),
            (ui.readingsFolder, _("the folder for readings")),
        ):
            if not folder.currentPath.strip():
                return _("Choose {which}.").format(which=which)
        return ""

    def _update(self) -> None:
        why_not = self._why_not()
        self._ui.listCasesButton.setEnabled(not why_not)
        self._ui.whyNotList.text = why_not
        self._ui.whyNotList.setVisible(bool(why_not))
        self._ui.blindHint.text = blind_text(self._ui.blindMode.checked)

    def _list(self) -> None:
        study = self.study()
        if study is None:
            return
        settings = self._settings
        settings.observer_code, settings.site_code = study.observer, study.site
        settings.study_cts, settings.study_readings = str(study.cts), str(study.readings)
        self._chosen(study)


def blind_text(blind: bool) -> str:
    """Return what it means, in words."""
    if blind:
        return _(
            "No prediction and nobody else's points are shown or can be loaded, and the cases come in an order "
            "of your own."
        )
    return _(
        "Not blind: points can be imported, and predictions may be open beside the reading. The reading is marked so."
    )
