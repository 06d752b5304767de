"""What is measured: everything, or as little as shows that the tool works."""

from __future__ import annotations

from dataclasses import dataclass

Triple = tuple[float, float, float]

CUBE_VOXELS = 192
PATCH_VOXELS = 96


@dataclass(frozen=True)
class Size:
    """A phantom's grid, along L, P and S. ``center_mm``: of the CT, from the annulus in the phantom's frame."""

    name: str
    size_xyz: tuple[int, int, int]
    spacing_mm: Triple
    center_mm: Triple

    @property
    def title(self) -> str:
        """Such as ``512 x 512 x 400``."""
        return " x ".join(map(str, self.size_xyz))


@dataclass(frozen=True)
class Plan:
    """What is run how often.

    Args:
        sizes: the phantoms.
        compared: the one that the reference procedure, the cohort and the shares are measured on.
        cold: sizes that are run with an empty cache first.
        backends: what ``--backend`` gets; the first one is the product's default.
        warm_runs: of the whole command with the first backend; the others run once.
        rounds: of the pairs with the reference procedure.
        cube_voxels: side of the cube that the reference procedure looks at.
        repeats: of a single patch.
        cohort: CTs in the cohort; 0: there is none.
        reference_command: whether the reference procedure is run as a whole command, too.
    """

    sizes: tuple[Size, ...]
    compared: Size
    cold: tuple[Size, ...]
    backends: tuple[str, ...]
    warm_runs: int
    rounds: int
    cube_voxels: int
    repeats: int
    cohort: int
    reference_command: bool


HEART = Size("heart192", (192, 192, 192), (1.0, 1.0, 1.0), (0.0, 10.0, 0.0))
CHEST = Size("chest400", (512, 512, 400), (0.68, 0.68, 0.6), (0.0, 20.0, 0.0))
TRUNK = Size("body1500", (512, 512, 1500), (0.78, 0.78, 0.5), (0.0, 20.0, -250.0))
_TINY = Size("tiny", (96, 96, 96), (1.7, 1.7, 1.7), (0.0, 10.0, 0.0))

FULL = Plan(
    sizes=(HEART, CHEST, TRUNK),
    compared=CHEST,
    cold=(HEART, CHEST),
    backends=("auto", "torch"),
    warm_runs=2,
    rounds=3,
    cube_voxels=CUBE_VOXELS,
    repeats=5,
    cohort=6,
    reference_command=True,
)
QUICK = Plan(
    sizes=(_TINY,),
    compared=_TINY,
    cold=(),
    backends=("torch",),
    warm_runs=1,
    rounds=1,
    cube_voxels=PATCH_VOXELS,
    repeats=1,
    cohort=0,
    reference_command=False,
)
