"""Keys of the review: they do what buttons and table do."""

from __future__ import annotations

from collections.abc import Callable

import qt

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.tabs.review_actions import LandmarkActions
from fedkd_slicer.panel.tabs.review_selection import Selection
from fedkd_slicer.panel.tabs.window_keys import WindowKeys


def review_keys(selection: Selection, actions: LandmarkActions) -> WindowKeys:
    """Return the keys: 1 to 7 and the arrows choose the landmark, the others act on it."""
    return WindowKeys(
        {
            **{str(row): _visits(selection, label) for row, label in enumerate(LANDMARK_NAMES, start=1)},
            "Up": lambda: _step(selection, -1),
            "Down": lambda: _step(selection, 1),
            "Space": lambda: _space(actions),
            "P": actions.place,
            "Del": actions.remove,
            "Ctrl+Z": actions.undo,
            "Ctrl+Y": actions.redo,
        }
    )


def _visits(selection: Selection, label: str) -> Callable[[], None]:
    return lambda: selection.visit(label)


def _step(selection: Selection, by: int) -> None:
    focused = qt.QApplication.focusWidget()
    # Shortcuts come before widgets: those that step by the same keys would never hear of them.
    if focused is None or not focused.inherits("QAbstractSpinBox"):
        selection.step(by)
    elif by < 0:
        focused.stepUp()
    else:
        focused.stepDown()


def _space(actions: LandmarkActions) -> None:
    focused = qt.QApplication.focusWidget()
    if focused is not None and focused.inherits("QAbstractButton"):
        focused.click()
    else:
        actions.toggle_accepted()
