"""How the study's procedure is repeated: with the cube moved, or with mirrored patches."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import ModelCard
from fedkd.passes import Passes

# Off the multiples of the networks' strides, so that patches, and a transformer's windows, end in other places.
_SHIFT = 7


@dataclass(frozen=True)
class CubePass:
    """One look at the cube.

    Args:
        shift_xyz: by how many voxels the cube is moved along its own axes.
        mirrored_zyx: which axes of each patch are reversed before the network sees it, and back afterwards.
    """

    shift_xyz: tuple[int, int, int] = (0, 0, 0)
    mirrored_zyx: tuple[int, ...] = ()


_ONE = (CubePass(),)
_CORNERS = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))  # of a tetrahedron: their mean is zero
_MOVED = tuple(CubePass((_SHIFT * x, _SHIFT * y, _SHIFT * z)) for x, y, z in _CORNERS)
_AXES = (0, 1, 2)
# nnU-Net's: every combination of the three axes.
_MIRRORED = tuple(
    CubePass(mirrored_zyx=axes) for count in range(len(_AXES) + 1) for axes in itertools.combinations(_AXES, count)
)
CUBE_PASSES: Mapping[Passes, tuple[CubePass, ...]] = {
    Passes.QUICK: _ONE,
    Passes.STANDARD: _ONE,
    Passes.SHIFTED: _ONE + _MOVED,
    Passes.MIRRORED: _MIRRORED,
}


def require_possible_passes(card: ModelCard, passes: Passes) -> None:
    """Check that the model knows mirror images where they are asked for.

    nnU-Net mirrors along all axes when it trains. `fedkd train` never does, and of the study's transformers it is not
    known. The cusps' names follow the anatomy: nothing is renamed in a mirror image.

    Raises:
        FedkdError: USAGE.
    """
    knows_mirrors = card.localizer is None and card.student.network.architecture == "plain_conv_unet"
    if passes is Passes.MIRRORED and not knows_mirrors:
        raise FedkdError(
            ExitCode.USAGE,
            "Mirrored passes are for nnU-Net's networks: nothing shows that this one learned from mirror images, and"
            " a network that did not places points wrongly in them.",
            where=card.model_id,
            what_to_do="Use --passes shifted.",
        )
