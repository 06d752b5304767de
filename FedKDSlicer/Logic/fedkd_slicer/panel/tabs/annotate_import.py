"""Loads points into a reading that is not blind."""

from __future__ import annotations

from pathlib import Path

import qt
from slicer.i18n import tr as _

from fedkd.anatomy import STUDY_ORDERS
from fedkd_slicer.panel.settings import Settings
from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.ui_files import load_ui

_HPS, _MS = STUDY_ORDERS.values()
# The study's order first. One site of the study stored right and left swapped, another case MS1 and MS2.
HPS_ORDERS = (_HPS, ("LCC", "RCC", "NCC", "LCO", "RCO"))
MS_ORDERS = (_MS, ("MS2", "MS1"))
_MPS = ".mps"


class AnnotateImport:
    """Asks for the order of files without names, and for the file.

    Args:
        actions: load them.
        settings: keep the site's orders.
    """

    def __init__(self, actions: AnnotateActions, settings: Settings) -> None:
        self.widget, self._ui = load_ui("AnnotateImport")
        self._actions, self._settings = actions, settings
        self._site = ""
        for box, orders in self._boxes():
            box.addItems([_order_text(order) for order in orders])
        self._ui.importFileButton.connect("clicked()", self._ask_file)
        self._ui.importFolderButton.connect("clicked()", self._ask_folder)

    def open(self, site: str) -> None:
        """Show the orders of a site."""
        self._site = site
        for box, orders in self._boxes():
            kept = self._settings.order_of_site(site, len(orders[0]))
            box.setCurrentIndex(orders.index(kept) if kept in orders else 0)

    def _boxes(self) -> tuple[tuple[qt.QComboBox, tuple[tuple[str, ...], ...]], ...]:
        return (self._ui.hpsOrder, HPS_ORDERS), (self._ui.msOrder, MS_ORDERS)

    def _ask_file(self) -> None:
        kinds = _("Points (*.mps *.mrk.json *.fcsv)")
        file = qt.QFileDialog.getOpenFileName(self.widget, _("Choose a file with points"), "", kinds)
        if file:
            self._import(Path(file))

    def _ask_folder(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self.widget, _("Choose a case folder"))
        if folder:
            self._import(Path(folder))

    def _import(self, path: Path) -> None:
        order: tuple[str, ...] = ()
        if path.suffix == _MPS:
            hps, ms = (orders[box.currentIndex] for box, orders in self._boxes())
            order = ms if path.name.lower().startswith("ms") else hps
            for each in (hps, ms):
                self._settings.keep_order_of_site(self._site, each)
        self._actions.import_points(path, order)


def _order_text(order: tuple[str, ...]) -> str:
    text = ", ".join(order)
    return _("{order} (the study's)").format(order=text) if order in STUDY_ORDERS.values() else text
