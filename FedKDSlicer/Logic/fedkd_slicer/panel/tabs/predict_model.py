"""Chooses the model among those that the engine knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.questions import Questions
from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.shared import Shared

_EMBEDDED_CARD = Path(__file__).resolve().parents[4] / "Resources" / "Models" / "embedded" / "model.json"


@dataclass(frozen=True)
class KnownModel:
    """A model at hand. ``model_id`` is None when it is damaged."""

    name: str
    model_id: str | None
    is_default: bool

    @property
    def text(self) -> str:
        """What stands in the list."""
        if self.model_id is None:
            return _("{name} (damaged)").format(name=self.name)
        if self.is_default:
            return _("{model_id} (built in)").format(model_id=self.model_id)
        return self.name


class PredictModel:
    """A combo box that remembers what was chosen. The model that comes with the extension is there at once.

    Args:
        selector: the combo box.
        shared: settings and timer.
        show_model: is told the id of the chosen model.
    """

    def __init__(self, selector: qt.QComboBox, shared: Shared, show_model: Callable[[str], None]) -> None:
        self._selector = selector
        self._shared = shared
        self._show_model = show_model
        self._questions = Questions()
        self._models: tuple[KnownModel, ...] = (_embedded(),)
        self._show()
        selector.connect("activated(int)", self._chosen)
        shared.pulse.add(self._questions.look, lambda: self._questions.any_open)

    def enter(self) -> None:
        """Ask which models there are: the user may have added one."""
        python = self._shared.settings.engine_python()
        self._questions.ask(python, ("model", "list", "--json"), self._listed, self._not_listed)
        self._shared.pulse.wake()

    def cleanup(self) -> None:
        """Wait for no answer."""
        self._questions.close()

    def _listed(self, answer: str) -> None:
        self._models = tuple(_known(one) for one in json.loads(answer)) or (_embedded(),)
        self._show()

    def _not_listed(self, _trouble: Trouble) -> None:
        """Stay with what is there: a prediction says what is wrong with the engine."""

    def _show(self) -> None:
        self._selector.clear()
        self._selector.addItems([model.text for model in self._models])
        names = [model.name for model in self._models]
        kept = self._shared.settings.model
        self._selector.setCurrentIndex(names.index(kept) if kept in names else 0)
        self._tell()

    def _chosen(self, index: int) -> None:
        model = self._models[index]
        self._shared.settings.model = "" if model.is_default else model.name
        self._tell()

    def _tell(self) -> None:
        model = self._models[self._selector.currentIndex]
        self._show_model(model.model_id or model.name)


def _known(line: dict[str, Any]) -> KnownModel:
    return KnownModel(str(line["name"]), line["model_id"], bool(line["default"]))


def _embedded() -> KnownModel:
    return KnownModel("embedded", json.loads(_EMBEDDED_CARD.read_text(encoding="utf-8"))["model_id"], is_default=True)
