"""The tab "Settings"."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.shared import Shared


class SettingsTab:
    """What is kept for the next start."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.widget = qt.QLabel(_("Settings come here."))

    @property
    def title(self) -> str:
        """What stands on the tab."""
        return _("Settings")

    def enter(self) -> None:
        """Show the settings."""

    def exit(self) -> None:
        """Nothing runs."""

    def scene_closed(self) -> None:
        """Settings do not depend on the scene."""

    def cleanup(self) -> None:
        """Nothing is left."""
