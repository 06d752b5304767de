"""Repeated looks of the study's procedure: moved cubes and mirrored patches tell of the same place in the CT."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from builders.tiny_models import tiny_model
from fedkd.anatomy import HEADS
from fedkd.backends import ReadyModel
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.models import ModelCard, StageSpec, load_model
from fedkd.models.card import PackedStage
from fedkd.models.reference import REFERENCE_NORMALIZATIONS
from fedkd.networks import PlainConvUNetSpec
from fedkd.passes import Passes
from fedkd.prediction import StudyOptions, predict_by_models, study_prediction
from fedkd.prediction.reference_cube import cube_of
from fedkd.prediction.reference_passes import CUBE_PASSES, require_possible_passes
from fedkd.prediction.reference_procedure import Cube, ReferenceView, look_as_reference
from fedkd.prediction.root_passes import FURTHER_PASSES
from fedkd.progress import silent
from fedkd.volumes import CtSource, CtVolume

SIDE = 16
STAGE = StageSpec(
    network=PlainConvUNetSpec(heads={"ms": 3, "calc": 2}, filters=(2, 2), strides=((1, 1, 1), (2, 2, 2))),
    spacing_mm=1,
    patch_size=SIDE,
    ball_radius_mm=4,
    normalization=REFERENCE_NORMALIZATIONS["student"],
)
TURN = Rotation.from_euler("zyx", (25, -14, 9), degrees=True).as_matrix()


@dataclass
class Symmetric:
    """Stands for a network that treats every voxel alike: it cannot tell a patch from its mirror image."""

    stage: StageSpec = STAGE
    batch_size: int = 2
    seen: list[npt.NDArray[np.float32]] = field(default_factory=list)

    def probabilities(self, patches: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        self.seen += list(patches.copy())
        found = {}
        for head in self.stage.network.heads:
            x = patches[:, :1]
            logits = np.concatenate([x * 0, 8 * (x - 0.8), 24 * (x - 1.5)], axis=1)[:, : len(HEADS[head].channels)]
            odds = np.exp(logits - logits.max(axis=1, keepdims=True))
            found[head] = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
        return found


class SeesTheFirstSide(Symmetric):
    """Stands for a network that does tell them apart: it takes what lies at the patch's first x for MS1."""

    def probabilities(self, patches: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        found = super().probabilities(patches)
        found["ms"][:, 0], found["ms"][:, 1:] = 0.9, 0.05
        found["ms"][..., :3] = np.array([0.05, 0.9, 0.05], np.float32).reshape(1, 3, 1, 1, 1)
        return found


def blob_ct(grid: Grid, *centers_lps_mm: tuple[float, float, float]) -> CtVolume:
    """Tissue with soft bright blobs."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.size_xyz), indexing="ij"), axis=-1)
    lps = grid.index_to_lps(index)
    hu = np.full(grid.size_xyz, -500.0)
    for number, center in enumerate(centers_lps_mm):
        distance2 = ((lps - center) ** 2).sum(axis=-1)
        hu += (900 + 300 * number) * np.exp(-distance2 / (2 * (3.5 - number) ** 2))
    return CtVolume(grid.to_image(hu.astype(np.int16).T), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


def ct_on(turn: npt.NDArray[np.float64]) -> CtVolume:
    grid = Grid((44, 40, 36), (1.0, 1.0, 1.0), (-22.0, 5.0, -60.0)).turned(turn)
    middle = grid.index_to_lps((np.array(grid.size_xyz) - 1) / 2)
    near, far = middle + (5.3, -4.1, 3.7), middle + (-6.2, 3.4, -5.9)
    return blob_ct(grid, tuple(near.tolist()), tuple(far.tolist()))


def look(ct: CtVolume, student: Symmetric, passes: Passes) -> ReferenceView:
    return look_as_reference(ct, student, Cube(cube_of(ct.grid, 1.0, side=32), None, CUBE_PASSES[passes]), lambda: None)


@pytest.mark.parametrize("turn", [np.eye(3), TURN], ids=["straight", "oblique"])
def test_mirrored_passes_of_a_network_that_sees_no_difference_change_nothing(turn: npt.NDArray[np.float64]) -> None:
    ct = ct_on(turn)
    once, mirrored = look(ct, Symmetric(), Passes.STANDARD), look(ct, Symmetric(), Passes.MIRRORED)
    assert set(once.landmarks) == set(mirrored.landmarks) == {"MS1", "MS2"}
    for name, found in once.landmarks.items():
        np.testing.assert_allclose(mirrored.landmarks[name].position_lps_mm, found.position_lps_mm, atol=1e-9)
        assert mirrored.landmarks[name].spread_mm == pytest.approx(0, abs=1e-9)
        assert found.spread_mm is None
    assert once.calcification is not None
    assert mirrored.calcification is not None
    masks = [sitk.GetArrayFromImage(view.calcification) for view in (once, mirrored)]
    assert masks[0].any()
    np.testing.assert_array_equal(*masks)


def test_every_mirror_image_of_a_patch_is_shown_once_and_what_is_seen_is_mirrored_back() -> None:
    ct = ct_on(np.eye(3))
    student = SeesTheFirstSide()
    cube = Cube(cube_of(ct.grid, 1.0, side=SIDE), None, CUBE_PASSES[Passes.MIRRORED])
    view = look_as_reference(ct, student, cube, lambda: None)
    straight = student.seen[0]
    assert len({patch.tobytes() for patch in student.seen}) == len(student.seen) == 8
    for one, patch in zip(CUBE_PASSES[Passes.MIRRORED], student.seen, strict=True):
        np.testing.assert_array_equal(np.flip(patch, tuple(1 + axis for axis in one.mirrored_zyx)), straight)
    # In half of the images the first side is the last one: the votes lie on both sides, and the spread tells of it.
    middle = cube.grid.index_to_lps((np.array(cube.grid.size_xyz) - 1) / 2)
    np.testing.assert_allclose(view.landmarks["MS1"].position_lps_mm, middle, atol=1e-6)
    assert view.landmarks["MS1"].spread_mm == pytest.approx((SIDE - 1) / 2 - 1)


@pytest.mark.parametrize("turn", [np.eye(3), TURN], ids=["straight", "oblique"])
def test_a_moved_cube_finds_the_same_points_and_the_same_calcification(turn: npt.NDArray[np.float64]) -> None:
    ct = ct_on(turn)
    once, shifted = look(ct, Symmetric(), Passes.STANDARD), look(ct, Symmetric(), Passes.SHIFTED)
    # Splines begin anew in each cube: on turned voxels one at the edge of a blob may change sides.
    for name, found in once.landmarks.items():
        np.testing.assert_allclose(shifted.landmarks[name].position_lps_mm, found.position_lps_mm, atol=0.05)
        assert shifted.landmarks[name].spread_mm == pytest.approx(0, abs=0.05)
    masks = [sitk.GetArrayFromImage(view.calcification) for view in (once, shifted)]
    assert np.count_nonzero(masks[0] != masks[1]) <= 1


def test_points_of_a_prediction_have_a_spread_where_there_were_several_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_prediction, "CUBE_VOXELS", 32)
    ct = ct_on(np.eye(3))
    card = ready_card()
    model = ReadyModel(card, Symmetric(card.student), None, "stand-in")
    for passes, has_spread in ((Passes.QUICK, False), (Passes.SHIFTED, True), (Passes.MIRRORED, True)):
        points = predict_by_models(ct, (model,), StudyOptions(passes=passes), silent).points
        assert points["MS1"].is_defined
        assert (points["MS1"].spread_mm is not None) == has_spread
        assert points["RCC"].spread_mm is None


def ready_card() -> ModelCard:
    stage = PackedStage(**STAGE.model_dump(), weights="none", sha256="0" * 64)
    return ModelCard(model_id="stand-in", license="none", intended_use="tests", student=stage, training={}, metrics={})


def test_mirrored_passes_are_refused_where_no_mirror_image_was_learned_from() -> None:
    card = tiny_model().card
    for refused in (load_model().card, card, card.model_copy(update={"localizer": None})):
        with pytest.raises(FedkdError) as caught:
            require_possible_passes(refused, Passes.MIRRORED)
        assert caught.value.code is ExitCode.USAGE
        assert "--passes shifted" in caught.value.what_to_do
    require_possible_passes(ready_card(), Passes.MIRRORED)


def test_every_choice_is_either_possible_or_refused() -> None:
    assert set(CUBE_PASSES) == set(Passes)
    for passes in Passes:
        if passes not in FURTHER_PASSES:
            with pytest.raises(FedkdError):
                require_possible_passes(tiny_model().card, passes)
