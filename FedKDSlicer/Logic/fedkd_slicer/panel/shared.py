"""What all tabs work with."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.review.desk import Desk
from fedkd_slicer.panel.settings import Settings


@dataclass(frozen=True)
class Shared:
    """Made once by the panel and handed to each tab.

    Args:
        settings: what the user has set: output folder, reader's code, the engine's Python.
        pulse: the one timer; a tab adds what it looks after, and starts no timer of its own.
        desk: the case that is open for review.
    """

    settings: Settings
    pulse: Pulse
    desk: Desk
