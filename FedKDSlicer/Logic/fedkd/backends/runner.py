"""The seam: what a backend is, and what it makes of a stage's network."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from fedkd.models.card import StageSpec
from fedkd.networks.multi_head import MultiHeadNetwork

HeadProbabilities = dict[str, npt.NDArray[np.float32]]


class StageRunner(Protocol):
    """A stage's network, ready for patches of the stage's size."""

    @property
    def stage(self) -> StageSpec:
        """What the network is, and on which grid it looks at the CT."""
        ...

    @property
    def batch_size(self) -> int:
        """How many patches at a time are fastest without filling the memory."""
        ...

    def probabilities(self, patches: npt.NDArray[np.float32]) -> HeadProbabilities:
        """Return for each head, in the order of ``stage.network.heads``, its class probabilities.

        Args:
            patches: normalized, (batch, channels, z, y, x), each side ``stage.patch_size`` voxels; any batch.

        Returns:
            (batch, head channels, z, y, x), softmax over the channels.

        Raises:
            FedkdError: OUT_OF_MEMORY when not even one patch fits.
        """
        ...


class Backend(Protocol):
    """A way to run networks."""

    @property
    def description(self) -> str:
        """Library, version, device and number format: all that can change a result, as provenance has it."""
        ...

    def prepare(self, network: MultiHeadNetwork, stage: StageSpec) -> StageRunner:
        """Return the network, which is in evaluation mode, ready to run.

        Raises:
            FedkdError: DEPENDENCY_MISSING when the backend cannot run this network; OUT_OF_MEMORY when not even one
                patch will fit.
        """
        ...
