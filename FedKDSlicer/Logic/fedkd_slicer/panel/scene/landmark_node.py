"""The seven landmarks in the scene: one list of points, which shows the review and hands the desk what the mouse did.

Whatever happens to the list, it is compared with the review. One point that differs was moved, placed or taken away by
the reader; several at once were moved unmeant, and are put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import qt
import slicer
from slicer.util import VTKObservationMixin

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.markups_nodes import add_editable_landmarks, make_seven
from fedkd_slicer.panel.review.state import NotAllowed, PointLps, ReviewState
from fedkd_slicer.panel.scene.place_mode import PlaceMode
from fedkd_slicer.panel.scene.seven_points import SeenPoints, show_point

_Markups = slicer.vtkMRMLMarkupsNode
_CHANGES = (
    "PointModifiedEvent",
    "PointPositionDefinedEvent",
    "PointPositionUndefinedEvent",
    "PointPositionMissingEvent",
    "PointAddedEvent",
    "PointRemovedEvent",
)
ONE_AT_A_TIME = "Landmarks are moved one at a time: drag a single point. All are back where they were."
SEVEN_ONLY = "The list holds the seven landmarks and nothing else. It is back as it was."
NO_TRANSFORM = "Landmarks cannot be transformed: they would no longer lie where the CT shows them."


class LandmarkDesk(Protocol):
    """What the reader's mouse does to the review: `Desk`."""

    @property
    def state(self) -> ReviewState | None: ...
    def drag(self, label: str, position_lps_mm: PointLps) -> None: ...
    def place(self, label: str, position_lps_mm: PointLps) -> None: ...
    def remove(self, label: str) -> None: ...


class LandmarkListener(Protocol):
    """Who has to know, such as the panel."""

    def told(self, text: str) -> None:
        """Something that was not done, and why: a plain sentence."""
        ...

    def landmark_picked(self, label: str) -> None:
        """The reader took hold of this landmark in a view."""
        ...


class LandmarkEditor(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Shows the landmarks of one review in the scene, and lets them be edited there.

    Args:
        desk: is told what the reader did.
        listener: is told what was refused, and what was picked.
    """

    def __init__(self, desk: LandmarkDesk, listener: LandmarkListener) -> None:
        super().__init__()
        self._desk = desk
        self._listener = listener
        self._node: slicer.vtkMRMLMarkupsFiducialNode | None = None
        self._place_mode = PlaceMode(self._placing_ended)
        self._placing: str | None = None
        self._is_showing = False
        self._drag = _Drag()

    @property
    def node(self) -> slicer.vtkMRMLMarkupsFiducialNode | None:
        """The list in the scene; None while no case is open."""
        return self._node

    @property
    def placing(self) -> str | None:
        """The landmark that the next click places; None: no click places one."""
        return self._placing

    def open(self, scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLMarkupsFiducialNode:
        """Add the list to the scene; `show` puts the points in."""
        self.close()
        node = self._node = add_editable_landmarks(scene)
        for event in _CHANGES:
            self.addObserver(node, getattr(_Markups, event), self._changed)
        self.addObserver(node, _Markups.PointStartInteractionEvent, self._interaction_started)
        self.addObserver(node, _Markups.PointEndInteractionEvent, self._interaction_ended)
        self.addObserver(node, slicer.vtkMRMLTransformableNode.TransformModifiedEvent, self._transformed)
        return node

    def close(self) -> None:
        """Let go of the list; it stays in the scene."""
        self._placing = None
        self._place_mode.stop()
        self.removeObservers()
        self._node = None
        self._drag = _Drag()

    def show(self, state: ReviewState) -> None:
        """Bring every point where the review has it; locked where it was accepted."""
        node = self._node
        if node is None:
            return
        with self._showing():
            if not SeenPoints.of(node).is_whole:
                make_seven(node)
            for landmark in state.landmarks:
                if landmark.label != self._placing:
                    show_point(node, landmark)

    def start_placing(self, label: str) -> None:
        """Let the next click in a view place this landmark; Escape takes that back."""
        node, state = self._node, self._desk.state
        if node is None or state is None:
            return
        if self._placing is not None:
            self.stop_placing()
        if self._say_if_locked(state, label):
            return
        self._placing = label
        with self._showing():
            self._place_mode.start(node, LANDMARK_NAMES.index(label))

    def stop_placing(self) -> None:
        """Leave place mode; a landmark that was not placed is where it was."""
        with self._showing():
            self._place_mode.stop()
        self._placing_ended()

    def _placing_ended(self) -> None:
        self._placing = None
        self._put_back()

    @contextmanager
    def _showing(self) -> Iterator[None]:
        before, self._is_showing = self._is_showing, True
        try:
            yield
        finally:
            self._is_showing = before

    def _put_back(self) -> None:
        if self._desk.state is not None:
            self.show(self._desk.state)

    def _changed(self, _node: object, _event: object) -> None:
        node, state = self._node, self._desk.state
        if self._is_showing or node is None or state is None:
            return
        seen = SeenPoints.of(node)
        if not seen.is_whole:
            self._list_changed(seen)
            return
        differing = seen.differing(state)
        if not differing:
            return
        if self._drag.is_on:
            self._dragged(seen, differing)
        elif len(differing) > 1:
            self._refuse(ONE_AT_A_TIME)
        else:
            self._one_changed(seen, differing[0])

    def _one_changed(self, seen: SeenPoints, label: str) -> None:
        position = seen.positions_lps_mm.get(label)
        if label == self._placing:
            self._placing = None
            if position is None:  # place mode was left before the click
                self._put_back()
                return
        if position is None:
            self._try(lambda: self._desk.remove(label))
        else:
            self._try(lambda: self._desk.place(label, position))

    def _list_changed(self, seen: SeenPoints) -> None:
        gone = [label for label in LANDMARK_NAMES if label not in seen.labels]
        self._put_back()
        if len(gone) == 1 and len(seen.labels) == len(LANDMARK_NAMES) - 1:
            self._try(lambda: self._desk.remove(gone[0]))
        else:
            self._listener.told(SEVEN_ONLY)

    def _dragged(self, seen: SeenPoints, differing: tuple[str, ...]) -> None:
        self._drag.saw(differing)
        label = self._drag.label
        if label is None or label not in seen.positions_lps_mm:
            self._put_back()
        else:
            self._try(lambda: self._desk.drag(label, seen.positions_lps_mm[label]))

    def _interaction_started(self, node: slicer.vtkMRMLMarkupsFiducialNode, _event: object) -> None:
        if self._placing is not None or self._desk.state is None:
            return
        self._drag = _Drag(is_on=True, picked=_active_label(node))
        if self._drag.picked is not None:
            self._listener.landmark_picked(self._drag.picked)

    def _interaction_ended(self, node: slicer.vtkMRMLMarkupsFiducialNode, _event: object) -> None:
        drag, self._drag = self._drag, _Drag()
        state = self._desk.state
        if not drag.is_on or state is None:
            return
        label, seen = drag.label, SeenPoints.of(node)
        if drag.moved_several:
            self._refuse(ONE_AT_A_TIME)
            self._measure_as_it_was(drag)
        elif label is not None and label in seen.positions_lps_mm:
            self._try(lambda: self._desk.place(label, seen.positions_lps_mm[label]))
        elif drag.picked is not None:
            self._say_if_locked(state, drag.picked)

    def _measure_as_it_was(self, drag: _Drag) -> None:
        # What was measured while it moved is out of date: a step to where it lies anyway measures again.
        state, label = self._desk.state, drag.first_moved
        position = None if state is None or label is None else state.landmark(label).position_lps_mm
        if label is not None and position is not None:
            self._try(lambda: self._desk.place(label, position))

    def _transformed(self, node: slicer.vtkMRMLMarkupsFiducialNode, _event: object) -> None:
        if node.GetParentTransformNode() is not None:
            # Not from within: Slicer still uses the transform that it tells of, and would end.
            qt.QTimer.singleShot(0, self._leave_transform)

    def _leave_transform(self) -> None:
        if self._node is not None and self._node.GetParentTransformNode() is not None:
            self._node.SetAndObserveTransformNodeID(None)
            self._listener.told(NO_TRANSFORM)

    def _say_if_locked(self, state: ReviewState, label: str) -> bool:
        try:
            state.placed(label, (0.0, 0.0, 0.0))
        except NotAllowed as refusal:
            self._listener.told(str(refusal))
            return True
        return False

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except NotAllowed as refusal:
            self._refuse(str(refusal))

    def _refuse(self, text: str) -> None:
        self._put_back()
        self._listener.told(text)


class _Drag:
    """What moves between the moment the mouse takes hold of a point and the moment it lets go."""

    def __init__(self, is_on: bool = False, picked: str | None = None) -> None:
        self.is_on = is_on
        self.picked = picked
        self.moved_several = False
        self.first_moved: str | None = None

    @property
    def label(self) -> str | None:
        """The one point that moves."""
        return None if self.moved_several else self.first_moved

    def saw(self, differing: tuple[str, ...]) -> None:
        """Take note of the points that lie elsewhere than in the review."""
        self.moved_several |= len(differing) > 1 or self.first_moved not in (None, *differing)
        self.first_moved = self.first_moved or differing[0]


def _active_label(node: slicer.vtkMRMLMarkupsFiducialNode) -> str | None:
    display = node.GetDisplayNode()
    is_point = display.GetActiveComponentType() == slicer.vtkMRMLMarkupsDisplayNode.ComponentControlPoint
    index = display.GetActiveComponentIndex()
    return LANDMARK_NAMES[index] if is_point and 0 <= index < len(LANDMARK_NAMES) else None
