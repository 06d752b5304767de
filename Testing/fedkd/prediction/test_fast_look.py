"""``--fast``: one patch around the root that the embedded model finds gives what the study's whole procedure gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk

from fedkd.anatomy import HEADS, LANDMARK_NAMES, POINT_HEADS
from fedkd.backends import ReadyModel, StageRunner, Target, make_ready
from fedkd.geometry import Grid
from fedkd.models import ModelCard, Normalization, load_model
from fedkd.models.card import PackedStage
from fedkd.networks import PlainConvUNetSpec
from fedkd.phantom import Field, Phantom
from fedkd.phantom.make import scan
from fedkd.phantom.patient import draw_patient
from fedkd.prediction import Prediction, StudyOptions, predict_by_models
from fedkd.prediction.localization import localize_root
from fedkd.progress import silent
from fedkd.volumes import CtSource, CtVolume

# No training run has seen this patient.
SEED = 987_656
MARK_RADIUS_MM = 4.5
SOFT_EDGE_MM = 3.0
HALF_BAND_HU = 75.0
# Brighter than anything else in the phantom, and each in a band of its own; nothing but itself comes near the last.
MARK_HU = {name: 1800.0 + 160.0 * number for number, name in enumerate(LANDMARK_NAMES)} | {"MS2": 3600.0}
STAGE = PackedStage(
    network=PlainConvUNetSpec(
        heads={head: len(HEADS[head].channels) for head in ("hps", "ms", "calc")},
        filters=(2, 2),
        strides=((1, 1, 1), (2, 2, 2)),
    ),
    spacing_mm=1,
    patch_size=96,
    ball_radius_mm=4,
    normalization=Normalization(clip_low_hu=-1000, clip_high_hu=4000, mean_hu=0, sd_hu=1),
    weights="none",
    sha256="0" * 64,
)


class ReadsHu:
    """Stands for a network: each landmark has a brightness of its own, whatever is around it."""

    stage = STAGE
    batch_size = 1

    def __init__(self) -> None:
        self.patches = 0

    def probabilities(self, patches: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        self.patches += len(patches)
        hu = patches[:, 0]
        found = {head: self._bands(hu, HEADS[head].channels[1:]) for head in POINT_HEADS}
        return found | {"calc": _maps([hu > 1000])}

    def _bands(self, hu: npt.NDArray[np.float32], names: tuple[str, ...]) -> npt.NDArray[np.float32]:
        return _maps([np.abs(hu - MARK_HU[name]) < HALF_BAND_HU for name in names])


def _maps(classes: list[npt.NDArray[np.bool_]]) -> npt.NDArray[np.float32]:
    """Return 0.9 for what a voxel is, and 0.02 for all else: (batch, channels, z, y, x)."""
    given = np.stack([~np.any(classes, axis=0), *classes], axis=1)
    return np.where(given, np.float32(0.9), np.float32(0.02))


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """A chest, in voxels large enough to be made in seconds."""
    patient = draw_patient(SEED)
    middle = patient.root.to_phantom([12.0, 17.0, -9.0])
    return scan(patient, Grid.centered(middle, (144, 136, 128), 1.6), SEED, Field.CLINICAL)


@pytest.fixture(scope="module")
def ct(phantom: Phantom) -> CtVolume:
    """The phantom with a bright ball on each of its landmarks."""
    return marked(phantom, phantom.points)


def marked(phantom: Phantom, points: Mapping[str, npt.ArrayLike]) -> CtVolume:
    values = phantom.ct.astype(np.float32)
    for name, position in points.items():
        # No hard edges: B-splines swing beyond those, into the next landmark's band.
        share = np.clip((MARK_RADIUS_MM - away_mm(phantom.grid, position)) / SOFT_EDGE_MM + 0.5, 0, 1)
        values += share * (MARK_HU[name] - values)
    return volume(phantom, values.astype(np.int16))


def volume(phantom: Phantom, values_hu: npt.NDArray[np.int16]) -> CtVolume:
    return CtVolume(phantom.grid.to_image(values_hu), CtSource(Path("made.nii.gz"), "nifti", "0" * 64))


def away_mm(grid: Grid, center_lps_mm: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return each voxel's distance from a point, (z, y, x)."""
    index_zyx = np.indices(grid.size_xyz[::-1], dtype=np.float32)
    center_zyx = grid.lps_to_index(center_lps_mm)[::-1].reshape(3, 1, 1, 1).astype(np.float32)
    apart = (index_zyx - center_zyx) * np.array(grid.spacing_mm[::-1], np.float32).reshape(3, 1, 1, 1)
    return np.sqrt(np.square(apart).sum(axis=0))


@pytest.fixture(scope="module")
def root_finder() -> StageRunner:
    return make_ready(load_model(), Target("torch", "cpu")).coarse


def look(ct: CtVolume, options: StudyOptions) -> tuple[Prediction, ReadsHu]:
    network = ReadsHu()
    card = ModelCard(model_id="reads-hu", license="none", intended_use="tests", student=STAGE, training={}, metrics={})
    ready = ReadyModel(card, network, None, "stand-in backend")
    return predict_by_models(ct, (ready,), options, silent), network


def test_fast_look_gives_the_points_and_the_outline_of_the_whole_procedure(
    phantom: Phantom, ct: CtVolume, root_finder: StageRunner
) -> None:
    whole, whole_network = look(ct, StudyOptions())
    fast, fast_network = look(ct, StudyOptions(root_finder=root_finder))
    assert (whole_network.patches, fast_network.patches) == (27, 1)
    assert fast.heart_source == "localizer"
    for name in LANDMARK_NAMES:
        position = fast.points[name].position_lps_mm
        assert position is not None, name
        np.testing.assert_allclose(position, whole.points[name].position_lps_mm, atol=0.1, err_msg=name)
        np.testing.assert_allclose(position, phantom.points[name], atol=2.0, err_msg=name)
    root = away_mm(phantom.grid, np.mean(list(phantom.points.values()), axis=0)) < 30
    outlined, wanted = (sitk.GetArrayFromImage(one.calcification)[root] > 0 for one in (fast, whole))
    assert wanted.sum() > 100
    np.testing.assert_array_equal(outlined, wanted)
    assert not any("edge" in note for note in fast.notes)


@pytest.mark.parametrize("beyond_mm", [1.0, 20.0])
def test_landmark_at_the_edge_of_the_fast_look_is_told_and_one_beyond_it_is_not_found(
    beyond_mm: float, phantom: Phantom, root_finder: StageRunner
) -> None:
    """What the patch cuts off would draw a point inwards, and nobody could tell from the point."""
    center = localize_root(volume(phantom, phantom.ct), root_finder, None, silent).center_lps_mm
    # The others' soft edges pass through the bands of all but the brightest.
    ct = marked(phantom, phantom.points | {"MS2": center + [0.0, 0.0, STAGE.patch_size / 2 + beyond_mm]})
    fast, _ = look(ct, StudyOptions(root_finder=root_finder))
    is_cut = beyond_mm < MARK_RADIUS_MM
    assert (fast.points["MS2"].position_lps_mm is not None) == is_cut
    assert any("MS2: at the edge of what the fast look saw" in note for note in fast.notes) == is_cut, fast.notes
    assert any("Not found: MS2" in note for note in fast.notes) != is_cut
