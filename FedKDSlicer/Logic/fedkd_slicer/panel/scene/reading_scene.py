"""The open reading in Slicer's scene: its CT, its seven points, and nothing of others where it is blind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import slicer
import vtk
from slicer.util import VTKObservationMixin

from fedkd.errors import FedkdError
from fedkd_slicer.ct_nodes import add_ct, middle_ras_mm
from fedkd_slicer.panel.annotate.desk import AnnotationDesk
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.opened_reading import OpenedReading
from fedkd_slicer.panel.annotate.shown_landmarks import SceneSideOfDesk, ShownLandmarks
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.scene.landmark_node import LandmarkEditor
from fedkd_slicer.panel.scene.names_in_views import NamesInViews, landmark_names
from fedkd_slicer.panel.scene.others_hidden import OthersHidden
from fedkd_slicer.panel.scene.reading_calcium import ReadingCalcium
from fedkd_slicer.panel.scene.reading_views import ReadingViews
from fedkd_slicer.panel.scene.removal import remove_node


@dataclass(frozen=True)
class Tells:
    """Who hears of what happens in the scene: plain sentences, and what ends the reading."""

    told: Callable[[str], None]
    troubled: Callable[[Trouble], None]


class ReadingScene(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Shows the reading of a desk.

    Args:
        desk: has the reading.
        tells: hears of what was refused or hidden, and of nodes that were taken away.
    """

    def __init__(self, desk: AnnotationDesk, tells: Tells) -> None:
        super().__init__()
        self._desk, self._tells = desk, tells
        self._views = ReadingViews()
        self._editor = LandmarkEditor(SceneSideOfDesk(desk), self)
        self._names = NamesInViews(lambda: landmark_names(self._editor.node))
        self._others = OthersHidden(self._hidden)
        self._view: ReadingView | None = None
        self._is_seen = False
        self.ct: slicer.vtkMRMLScalarVolumeNode | None = None
        self.calcium: ReadingCalcium | None = None
        self._landmarks: slicer.vtkMRMLMarkupsFiducialNode | None = None

    # ---- what the desk tells

    def open(self, reading: OpenedReading) -> bool:
        """Put a reading into the scene; False, and it is told why, when its CT cannot be shown."""
        try:
            with slicer.util.WaitCursor():
                self.ct = add_ct(slicer.mrmlScene, reading.ct_file, reading.case)
        except FedkdError as error:
            self._tells.troubled(Trouble.of(error))
            return False
        self.calcium = ReadingCalcium(self.ct, reading.folder)
        self._landmarks = self._editor.open(slicer.mrmlScene)
        self._names.open()
        self._names.instead_of((self._landmarks,))
        slicer.util.setSliceViewerLayers(background=self.ct, foreground=None, label=None, fit=True)
        if reading.blind:
            self._others.start((self.ct, self._landmarks))
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, self._node_goes)
        self._views.begin(middle_ras_mm(self.ct), reading.state)
        return True

    def show(self, view: ReadingView) -> None:
        """Show the reading as it is now; for another landmark the views move, and the mouse places it."""
        if self.ct is None:
            return
        before, self._view = self._view, view
        is_new = before is None or before.current != view.current
        if is_new:
            self._editor.stop_placing()
        self._editor.show(ShownLandmarks.of(view.state, view.current))
        if is_new:
            self._views.go_to(view)
        if is_new or view.landmark.state != "open":
            self._place_if_open()

    def close(self) -> None:
        """Take the reading out of the scene."""
        self._others.stop()
        self.removeObservers()
        self._editor.close()
        self._names.close()
        if self.calcium is not None:
            self.calcium.close()
            self.calcium = None
        nodes, self.ct, self._landmarks, self._view = (self._landmarks, self.ct), None, None, None
        for node in nodes:
            if node is not None:
                remove_node(node)

    def seen(self, is_seen: bool) -> None:
        """The panel is seen, or not: without it the mouse places nothing."""
        self._is_seen = is_seen
        if is_seen:
            self._place_if_open()
        else:
            self._editor.stop_placing()

    # ---- what the observer presses

    def place_again(self) -> None:
        """Let the next click place the current landmark, wherever it was."""
        if self._view is not None:
            self._editor.start_placing(self._view.current)

    def show_annulus(self) -> None:
        """Put the views on the annulus plane."""
        if self._view is not None and not self._views.show_annulus(self._view.state):
            self._tells.told("The annulus plane needs RCC, LCC and NCC. Place them first.")

    def show_standard(self) -> None:
        """Put the views on axial, coronal and sagittal planes."""
        if self._view is not None:
            self._views.show_standard(self._view)

    def allow(self, node: slicer.vtkMRMLNode) -> None:
        """Let a node of the reading be seen beside its points."""
        self._others.allow(node)

    # ---- as the editor's listener

    def told(self, text: str) -> None:
        """Something was not done."""
        self._tells.told(text)

    def landmark_picked(self, label: str) -> None:
        """The observer took hold of a point."""

    def _place_if_open(self) -> None:
        if self._view is None or not self._is_seen:
            return
        if self._view.landmark.state == "open":
            self._editor.start_placing(self._view.current)
        else:
            self._editor.stop_placing()

    def _hidden(self, names: tuple[str, ...]) -> None:
        self._tells.told(f"Hidden until the end of this blind reading: {', '.join(names)}.")

    @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
    def _node_goes(self, scene: slicer.vtkMRMLScene, _event: object, node: slicer.vtkMRMLNode) -> None:
        if node not in (self.ct, self._landmarks) or scene.IsClosing():
            return
        what = "The CT" if node is self.ct else "The list of landmarks"
        self.removeObservers()
        self._tells.troubled(
            Trouble(
                f"{what} of the reading was removed from the scene, so the reading was closed.",
                "scene",
                "Open the case again. All that was placed is saved in its draft.",
            )
        )
        self._desk.close()
