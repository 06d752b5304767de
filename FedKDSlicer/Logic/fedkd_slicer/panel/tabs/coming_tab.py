"""Holds the place of a tab that is being built."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _


class ComingTab:
    """Says that it is not there yet."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.widget = qt.QLabel(_("This part is not built yet."))

    def enter(self) -> None:
        """There is nothing to do."""

    def exit(self) -> None:
        """There is nothing to do."""

    def scene_closed(self) -> None:
        """There is nothing to do."""

    def cleanup(self) -> None:
        """There is nothing to do."""
