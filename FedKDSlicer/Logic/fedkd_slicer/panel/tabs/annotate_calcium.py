"""Marking calcification with Slicer's Segment Editor."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from fedkd.errors import FedkdError
from fedkd_slicer.panel.annotate.onlooker import ReadingView
from fedkd_slicer.panel.annotate.state import ReadingState
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.state import NotAllowed
from fedkd_slicer.panel.scene.reading_calcium import EDITOR_MODULE, blood_hu
from fedkd_slicer.panel.scene.reading_scene import ReadingScene, Tells
from fedkd_slicer.panel.tabs.annotate_actions import AnnotateActions
from fedkd_slicer.panel.ui_files import load_ui


class AnnotateCalcium:
    """Threshold, the way into the editor, and saving.

    Args:
        actions: note that it was saved.
        scene: has the segmentation.
        tells: hears what was refused, and what went wrong.
    """

    def __init__(self, actions: AnnotateActions, scene: ReadingScene, tells: Tells) -> None:
        self.widget, self._ui = load_ui("AnnotateCalcium")
        self._actions, self._scene, self._tells = actions, scene, tells
        self._state: ReadingState | None = None
        self._ui.segmentEditorButton.connect("clicked()", self._edit)
        self._ui.saveCalciumButton.connect("clicked()", self.save)

    def explain(self, text: str) -> None:
        """Show what the protocol says."""
        self._ui.calciumText.text = text

    def show(self, view: ReadingView) -> None:
        """Show what there is."""
        self._state = view.state
        ui, calcium = self._ui, self._scene.calcium
        blood = None if self._scene.ct is None else blood_hu(self._scene.ct, view.state)
        ui.segmentEditorButton.setEnabled(blood is not None)
        ui.saveCalciumButton.setEnabled(calcium is not None and calcium.node is not None)
        if blood is None:
            ui.bloodLine.text = _("Place RCC, LCC and NCC first: they say where the valve is.")
        else:
            text = _("Blood in the aorta has {blood} HU; many take 100 HU more, {more} HU, as the limit.")
            ui.bloodLine.text = text.format(blood=round(blood), more=round(blood) + 100)
        saved = _("Saved beside the reading.") if view.state.calcification else _("None is saved with this reading.")
        ui.calciumState.text = saved

    def save(self) -> None:
        """Save what was marked, whether it changed or not."""
        calcium = self._scene.calcium
        if calcium is None:
            return
        try:
            calcium.save()
            self._actions.set_calcification()
        except NotAllowed as refusal:
            self._tells.told(str(refusal))
        except FedkdError as error:
            self._tells.troubled(Trouble.of(error))

    def save_if_changed(self) -> None:
        """Save what was painted since: nothing is lost when the observer goes on."""
        if self._scene.calcium is not None and self._scene.calcium.is_changed:
            self.save()

    def _edit(self) -> None:
        calcium, state = self._scene.calcium, self._state
        if calcium is None or state is None:
            return
        try:
            calcium.set_up(state, float(self._ui.calciumThreshold.value))
        except NotAllowed as refusal:
            self._tells.told(str(refusal))
            return
        except FedkdError as error:
            self._tells.troubled(Trouble.of(error))
            return
        self._scene.allow(calcium.node)
        self._ui.saveCalciumButton.setEnabled(True)
        self._tells.told(
            _("Paint in the Segment Editor, then come back to this module: what was painted is saved with the reading.")
        )
        slicer.util.selectModule(EDITOR_MODULE)
