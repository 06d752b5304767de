"""Slicer's place mode, for one point of a list."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.util import VTKObservationMixin

_MARKUPS_CLASS = "vtkMRMLMarkupsFiducialNode"


class PlaceMode(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """The mouse places one point; what was being placed before is restored afterwards.

    Args:
        ended: is told when place mode was left, by a click, by Escape or by choosing another tool.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        super().__init__()
        self._ended = ended
        self._node: slicer.vtkMRMLMarkupsNode | None = None
        self._before: tuple[str | None, str | None] = (None, None)

    @property
    def is_on(self) -> bool:
        """True while the mouse places."""
        return self._node is not None

    def start(self, node: slicer.vtkMRMLMarkupsNode, index: int) -> None:
        """Let the next click in a view place this point."""
        self.stop()
        selection, interaction = _selection(), _interaction()
        self._before = (selection.GetActivePlaceNodeID(), selection.GetActivePlaceNodeClassName())
        self._node = node
        node.ResetNthControlPointPosition(index)
        node.SetControlPointPlacementStartIndex(index)
        selection.SetReferenceActivePlaceNodeClassName(_MARKUPS_CLASS)
        selection.SetActivePlaceNodeID(node.GetID())
        interaction.SetPlaceModePersistence(False)
        interaction.SetCurrentInteractionMode(interaction.Place)
        self.addObserver(interaction, interaction.InteractionModeChangedEvent, self._mode_changed)

    def stop(self) -> None:
        """Leave place mode, if it is on."""
        node, self._node = self._node, None
        self.removeObservers()
        if node is None:
            return
        node.SetControlPointPlacementStartIndex(-1)
        interaction, selection = _interaction(), _selection()
        if interaction.GetCurrentInteractionMode() == interaction.Place:
            interaction.SetCurrentInteractionMode(interaction.ViewTransform)
        place_node_id, class_name = self._before
        if class_name:
            selection.SetReferenceActivePlaceNodeClassName(class_name)
        selection.SetActivePlaceNodeID(place_node_id)

    def _mode_changed(self, interaction: slicer.vtkMRMLInteractionNode, _event: object) -> None:
        if interaction.GetCurrentInteractionMode() != interaction.Place:
            self.stop()
            self._ended()


def _selection() -> slicer.vtkMRMLSelectionNode:
    return slicer.app.applicationLogic().GetSelectionNode()


def _interaction() -> slicer.vtkMRMLInteractionNode:
    return slicer.app.applicationLogic().GetInteractionNode()
