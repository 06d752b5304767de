"""The mouse in a slice view. Slicer's own displayable managers take it, so events come in Slicer's order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import slicer

_DRAG_STEPS = 5


class SliceMouse:
    """A mouse over one slice view. Places are RAS in mm; they are rounded to the view's pixels, as a hand does."""

    def __init__(self, view_name: str = "Red") -> None:
        self._widget = slicer.app.layoutManager().sliceWidget(view_name)
        self._view = self._widget.sliceView()
        self._view.draw()

    def move_to(self, ras_mm: npt.ArrayLike) -> None:
        """Move without a button.

        Raises:
            AssertionError: the view does not show this place: it lies beside the view, or in another slice.
        """
        x, y, depth = self._view.convertRASToXYZ([float(each) for each in np.asarray(ras_mm)])
        width, height, _ = self._widget.mrmlSliceNode().GetDimensions()
        if not (0 <= x < width and 0 <= y < height and abs(depth) < 1):
            raise AssertionError(
                f"the view does not show {ras_mm} (it would be at {x:.0f}, {y:.0f}, depth {depth:.1f})"
            )
        self._at(round(x), round(y))

    def press(self) -> None:
        self._send("LeftButtonPressEvent")

    def release(self) -> None:
        self._send("LeftButtonReleaseEvent")

    def click(self, ras_mm: npt.ArrayLike) -> np.ndarray:
        """Click; returns the place that was hit. In place mode this places a point."""
        self.move_to(ras_mm)
        self.press()
        self.release()
        return self._place_ras_mm()

    def wheel(self, steps: int) -> float:
        """Turn the wheel, forward when positive; returns the slice's offset in mm afterwards."""
        width, height, _ = self._widget.mrmlSliceNode().GetDimensions()
        self._at(width // 2, height // 2)
        for _ in range(abs(steps)):
            self._send("MouseWheelForwardEvent" if steps > 0 else "MouseWheelBackwardEvent")
        return float(self._widget.sliceLogic().GetSliceOffset())

    def drag_point(self, markups: Any, index: int, to_ras_mm: npt.ArrayLike) -> np.ndarray:
        """Take a control point, move it, let go; returns where the mouse let go.

        A locked or hidden point stays where it is, as in Slicer.
        """
        start = np.array(markups.GetNthControlPointPositionWorld(index))
        end = np.asarray(to_ras_mm, float)
        self.move_to(start)
        self._view.draw()  # a point can be taken once the view has drawn it
        self.move_to(start)
        self.press()
        for step in range(1, _DRAG_STEPS + 1):
            self.move_to(start + (end - start) * step / _DRAG_STEPS)
        self.release()
        return self._place_ras_mm()

    def jump_to(self, ras_mm: npt.ArrayLike) -> None:
        """Put the slice through a place, so that the mouse can go there."""
        self._widget.mrmlSliceNode().JumpSliceByOffsetting(*[float(each) for each in np.asarray(ras_mm)])

    def _at(self, x: int, y: int) -> None:
        self._x, self._y = x, y
        self._view.interactor().SetEventInformation(x, y, 0, 0, "\0", 0, "")
        self._send("MouseMoveEvent")

    def _send(self, event: str) -> None:
        self._view.interactor().InvokeEvent(event)
        slicer.app.processEvents()

    def _place_ras_mm(self) -> np.ndarray:
        return np.array(self._view.convertXYZToRAS([self._x, self._y, 0.0]))
