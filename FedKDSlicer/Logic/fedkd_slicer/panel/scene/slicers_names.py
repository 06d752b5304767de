"""The names that Slicer writes at points and lines: hidden while ours stand in for them, and shown again afterwards.

What was hidden is noted at the display node: a scene that was saved meanwhile shows its names once it is opened.
"""

from __future__ import annotations

import secrets

import slicer
from slicer.util import VTKObservationMixin

_ATTRIBUTE = "FedKD.NamesHidden"
_POINTS, _NODE = "points", "node"
# What another session of Slicer hid is not written by anybody now.
_SESSION = secrets.token_hex(4)


def hide_slicers_names(display: slicer.vtkMRMLMarkupsDisplayNode) -> None:
    """Hide the names at one node."""
    seen = [
        what
        for what, is_seen in (
            (_POINTS, display.GetPointLabelsVisibility()),
            (_NODE, display.GetPropertiesLabelVisibility()),
        )
        if is_seen
    ]
    display.SetAttribute(_ATTRIBUTE, " ".join((_SESSION, *seen)))
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)


def show_slicers_names(display: slicer.vtkMRMLMarkupsDisplayNode) -> None:
    """Show again what was hidden."""
    hidden = (display.GetAttribute(_ATTRIBUTE) or "").split()
    display.RemoveAttribute(_ATTRIBUTE)
    if _POINTS in hidden:
        display.SetPointLabelsVisibility(True)
    if _NODE in hidden:
        display.SetPropertiesLabelVisibility(True)


class ImportedNames(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Shows the names in scenes that were saved while they were hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.EndImportEvent, self._imported)

    def close(self) -> None:
        """Look after no scene any more."""
        self.removeObservers()

    @staticmethod
    def _imported(scene: slicer.vtkMRMLScene, _event: object) -> None:
        for number in range(scene.GetNumberOfNodesByClass("vtkMRMLMarkupsDisplayNode")):
            display = scene.GetNthNodeByClass(number, "vtkMRMLMarkupsDisplayNode")
            noted = display.GetAttribute(_ATTRIBUTE)
            if noted and not noted.startswith(_SESSION):
                show_slicers_names(display)
