"""Buttons that turn the slice views to the planes in which the root is read."""

from __future__ import annotations

from fedkd_slicer.panel.tabs.review_protocols import Views
from fedkd_slicer.panel.ui_files import load_ui


class ReviewViews:
    """Hands what is pressed to the views.

    Args:
        views: turns them.
    """

    def __init__(self, views: Views) -> None:
        self.widget, self._ui = load_ui("ReviewViews")
        self._ui.annulusButton.connect("clicked()", views.show_annulus)
        self._ui.rcoButton.connect("clicked()", lambda: views.show_ostium("RCO"))
        self._ui.lcoButton.connect("clicked()", lambda: views.show_ostium("LCO"))
        self._ui.septumButton.connect("clicked()", views.show_septum)
        self._ui.backButton.connect("clicked()", views.back)

    def add_below(self, widget: object) -> None:
        """Put the chooser of C-arm views below."""
        self._ui.cArmLayout.addWidget(widget)
