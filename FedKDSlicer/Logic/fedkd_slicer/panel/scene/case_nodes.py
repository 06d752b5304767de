"""The open case in the scene: added beside its CT when it is opened, followed while it is reviewed, taken away after.

The reader's own volume is never removed. What the reader removes stays removed; without the landmarks or the CT there
is nothing to review, and the listener is told that the case is lost to the scene.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from fedkd.errors import FedkdError
from fedkd_slicer.ct_nodes import middle_ras_mm
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.scene.c_arm_view import CArmViews
from fedkd_slicer.panel.scene.input_volume import lies_like, load_copy
from fedkd_slicer.panel.scene.landmark_node import LandmarkDesk, LandmarkEditor, LandmarkListener
from fedkd_slicer.panel.scene.names_in_views import Name, NamesInViews, landmark_names, line_names
from fedkd_slicer.panel.scene.removal import remove_node
from fedkd_slicer.panel.scene.result_nodes import ResultNodes
from fedkd_slicer.panel.scene.slice_views import SLICE_VIEWS, SliceViews

VolumeOfCase = Callable[[OpenedCase], "slicer.vtkMRMLScalarVolumeNode | None"]


class SceneListener(LandmarkListener, Protocol):
    """Who has to know, such as the panel."""

    def case_lost(self, text: str) -> None:
        """The case can no longer be shown; everything done is saved. Close the desk, and show why."""
        ...


class CaseInScene(VTKObservationMixin):  # type: ignore[misc] # Slicer's classes are untyped
    """Shows the desk's open case; an onlooker of the desk.

    Args:
        desk: is told what the reader did to landmarks.
        listener: is told what was refused, and when the case is lost.
        volume_of: returns the reader's own volume of a case, None where there is none in the scene.
    """

    def __init__(self, desk: LandmarkDesk, listener: SceneListener, volume_of: VolumeOfCase) -> None:
        super().__init__()
        self._listener = listener
        self._volume_of = volume_of
        self._scene = slicer.mrmlScene
        self._case: OpenedCase | None = None
        self._volume: slicer.vtkMRMLScalarVolumeNode | None = None
        self._own_volume = False
        self._results: ResultNodes | None = None
        self._backgrounds: dict[str, str | None] = {}
        self.landmarks = LandmarkEditor(desk, listener)
        self.slices = SliceViews(desk)
        self.c_arm = CArmViews(desk)
        self._names = NamesInViews(self._names_now)

    @property
    def volume(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The CT that is shown."""
        return self._volume

    def case_opened(self, case: OpenedCase) -> None:
        """Put the case into the scene; one that is there already, as after the engine's death, stays."""
        if self._case is not None and self._case.folder == case.folder:
            return
        self.case_closed()
        self._case = case
        try:
            self._volume = self._ct_of(case)
        except FedkdError as error:
            self._case = None
            self._lose(f"{error.what} {error.what_to_do}")
            return
        node = self.landmarks.open(self._scene)
        self._results = ResultNodes(self._scene, case, self._volume, node)
        self._names.open()
        self._names.instead_of((node,))
        self.addObserver(self._scene, self._scene.NodeRemovedEvent, self._node_removed)
        self.addObserver(self._scene, self._scene.StartCloseEvent, self._scene_closing)
        self._show_ct(self._volume)

    def review_changed(self, review: Review) -> None:
        """Show the landmarks as they are now."""
        self.landmarks.show(review.state)
        if self._results is not None:
            self._results.show_review(review.state)

    def measurements_changed(self, measurements: Measurements) -> None:
        """Show numbers, shapes and calcification as they are now."""
        if self._results is not None:
            self._names.instead_of(self._results.show_measurements(measurements))
            self.c_arm.measured(measurements.shapes)

    def save_state_changed(self, state: SaveState) -> None:
        """Nothing in the scene says so."""

    def troubled(self, trouble: Trouble) -> None:
        """Nothing in the scene says so."""

    def case_closed(self) -> None:
        """Take out of the scene what was put in, and nothing else."""
        if self._case is None:
            return
        self._forget_case()
        self.slices.back()
        self.c_arm.leave()
        self.c_arm.forget()
        results, self._results = self._results, None
        volume, self._volume = self._volume, None
        if results is not None:
            results.remove()
        if volume is not None and not self._own_volume:
            remove_node(volume)
        self._put_backgrounds_back()

    def close(self) -> None:
        """Leave the scene, as when the module is reloaded."""
        self.case_closed()

    def _forget_case(self) -> None:
        self._case = None
        self.removeObservers()
        self.landmarks.close()
        self._names.close()

    def _names_now(self) -> Iterator[Name]:
        yield from landmark_names(self.landmarks.node)
        if self._results is not None:
            yield from line_names(self._results.lines)

    def _ct_of(self, case: OpenedCase) -> slicer.vtkMRMLScalarVolumeNode:
        volume = self._volume_of(case)
        self._own_volume = volume is not None and lies_like(volume, case.ct_file)
        if self._own_volume:
            return volume
        if volume is not None:
            self._listener.told(f"{volume.GetName()} is not where this case's CT lies. The case's own CT is shown.")
        return load_copy(self._scene, case.ct_file, case.case)

    def _show_ct(self, volume: slicer.vtkMRMLScalarVolumeNode) -> None:
        self.slices.show_first(middle_ras_mm(volume))
        self.c_arm.show_first()
        for name, composite in _composites().items():
            self._backgrounds[name] = composite.GetBackgroundVolumeID()
            composite.SetBackgroundVolumeID(volume.GetID())

    def _put_backgrounds_back(self) -> None:
        for name, composite in _composites().items():
            before = self._backgrounds.get(name)
            if before is not None and self._scene.GetNodeByID(before) is not None:
                composite.SetBackgroundVolumeID(before)
        self._backgrounds = {}

    @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
    def _node_removed(self, _scene: object, _event: object, node: slicer.vtkMRMLNode) -> None:
        if node is self._volume:
            self._lose("The CT was removed from the scene. The review is saved; open the case again to go on.")
        elif self._results is not None and node is self._results.landmarks:
            self._lose("The landmarks were removed from the scene. The review is saved; open the case again to go on.")

    def _scene_closing(self, _scene: object, _event: object) -> None:
        self._forget_case()
        self.slices.forget()
        self.c_arm.forget()
        self._results = self._volume = None
        self._backgrounds = {}
        self._lose("The scene was closed. The review is saved; open the case again to go on.")

    def _lose(self, text: str) -> None:
        # Not from within the scene's own removing: whoever is told will remove more.
        qt.QTimer.singleShot(0, lambda: self._listener.case_lost(text))


def _composites() -> dict[str, slicer.vtkMRMLSliceCompositeNode]:
    manager = slicer.app.layoutManager()
    widgets = {name: manager.sliceWidget(name) for name in SLICE_VIEWS}
    return {name: widget.mrmlSliceCompositeNode() for name, widget in widgets.items() if widget is not None}
