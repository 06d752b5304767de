"""A model whose networks are ready to run."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.backends.choice import Target, choose_backend
from fedkd.backends.runner import StageRunner
from fedkd.models.card import ModelCard
from fedkd.models.loaded import LoadedModel


@dataclass(frozen=True)
class ReadyModel:
    """A model that a backend, the one described in ``backend``, has prepared; some models have no ``localizer``."""

    card: ModelCard
    student: StageRunner
    localizer: StageRunner | None
    backend: str

    @property
    def coarse(self) -> StageRunner:
        """The localizer.

        Raises:
            ValueError: there is none.
        """
        if self.localizer is None:
            raise ValueError(f"{self.card.model_id} has no localizer")
        return self.localizer


def make_ready(model: LoadedModel, target: Target | None = None) -> ReadyModel:
    """Prepare both networks of ``model``, once for many CTs.

    Raises:
        FedkdError: USAGE or DEPENDENCY_MISSING for a target that does not exist here, or that cannot run a network.
    """
    backend = choose_backend(target or Target())
    student = backend.prepare(model.network, model.card.student)
    localizer = None
    if model.card.localizer is not None and model.localizer is not None:
        localizer = backend.prepare(model.localizer, model.card.localizer)
    return ReadyModel(model.card, student, localizer, backend.description)
