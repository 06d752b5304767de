"""The section "Review" of the tab: the open case in panel and scene, or how one is opened."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.scene.case_nodes import CaseInScene
from fedkd_slicer.panel.shared import Shared
from fedkd_slicer.panel.tabs.review_half import ReviewHalf
from fedkd_slicer.panel.tabs.review_protocols import SceneListener

VolumeOfCase = Callable[[OpenedCase], "slicer.vtkMRMLScalarVolumeNode | None"]


class PredictReview:
    """Makes review widgets and scene; an onlooker of the desk.

    Args:
        hint: the label that is shown while no case is open.
        shared: has the desk.
        volume_of: returns the reader's own volume of a case, None where there is none in the scene.
        changed: is told that another case, or none, is open, or that something was decided.
    """

    def __init__(self, hint: qt.QLabel, shared: Shared, volume_of: VolumeOfCase, changed: Callable[[], None]) -> None:
        self._hint = hint
        self._desk = shared.desk
        self._volume_of = volume_of
        self._changed = changed
        self._half = ReviewHalf(shared, self._make_scene)
        shared.desk.add(self)

    @property
    def widget(self) -> qt.QWidget:
        """All that is shown of the open case."""
        return self._half.widget

    def write_now(self) -> None:
        """Take what is being typed as done: the case is about to be left."""
        if self._desk.case is not None:
            self._half.write_now()

    def offer_export(self, *, any_finished: bool) -> None:
        """Let cases be exported, where any are finished."""
        self._half.offer_export(any_finished=any_finished)

    def enter(self) -> None:
        """The tab is seen."""
        self._half.enter()

    def exit(self) -> None:
        """The tab is not seen any more."""
        self._half.exit()

    def cleanup(self) -> None:
        """Leave scene and views as they were."""
        self.write_now()
        self._desk.close()
        self._half.cleanup()

    def case_opened(self, case: OpenedCase) -> None:
        """It can be reviewed."""
        self._hint.hide()
        self._changed()

    def review_changed(self, review: Review) -> None:
        """Shown as soon as it is saved."""

    def measurements_changed(self, measurements: Measurements) -> None:
        """Others show them."""

    def save_state_changed(self, state: SaveState) -> None:
        """What was decided is on disk."""
        if state.is_saved:
            self._changed()

    def troubled(self, trouble: Trouble) -> None:
        """The review says it."""

    def case_closed(self) -> None:
        """Say how one is opened."""
        self._hint.setVisible(not self._half.is_finishing)
        self._changed()

    def _make_scene(self, listener: SceneListener) -> CaseInScene:
        return CaseInScene(self._desk, listener, self._volume_of)
