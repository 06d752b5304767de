"""What the panel asks of a tab."""

from __future__ import annotations

from typing import Protocol

import qt


class Tab(Protocol):
    """One tab. Its constructor takes a `Shared` and makes the widget; it starts no process, timer or observer."""

    @property
    def title(self) -> str:
        """What stands on the tab."""
        ...

    @property
    def widget(self) -> qt.QWidget:
        """A QWidget without parent; the panel puts it into its QTabWidget."""
        ...

    def enter(self) -> None:
        """The tab is seen from now on: it was chosen, or the module was opened with it."""
        ...

    def exit(self) -> None:
        """The tab is not seen any more. What runs goes on; keys and observers of views are given up."""
        ...

    def scene_closed(self) -> None:
        """Every node of the scene is gone."""
        ...

    def cleanup(self) -> None:
        """The module is unloaded or reloaded: end processes, and take observers away. Comes after `exit`, once."""
        ...
