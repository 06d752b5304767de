"""A model in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fedkd.models.card import ModelCard, PackedStage

if TYPE_CHECKING:
    import torch

    from fedkd.networks.multi_head import MultiHeadNetwork


@dataclass(frozen=True)
class LoadedModel:
    """A package or a reference checkpoint, ready to predict. ``network`` is the student.

    Without a ``localizer`` it is used in the way of the study's code.
    """

    card: ModelCard
    sha256: str
    network: MultiHeadNetwork
    localizer: MultiHeadNetwork | None

    @property
    def model_id(self) -> str:
        """The name under which results refer to this model."""
        return self.card.model_id

    @property
    def coarse(self) -> tuple[PackedStage, MultiHeadNetwork]:
        """Description and network of the localizer.

        Raises:
            ValueError: there is none.
        """
        if self.card.localizer is None or self.localizer is None:
            raise ValueError(f"{self.model_id} has no localizer")
        return self.card.localizer, self.localizer

    def to(self, device: torch.device) -> LoadedModel:
        """Move the networks to ``device``; return self."""
        self.network.to(device)
        if self.localizer is not None:
            self.localizer.to(device)
        return self
