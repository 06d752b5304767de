"""Models of the study's code on whole CTs: where they look, what they are given, what is said about it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk

from fedkd.anatomy import HEADS, LANDMARK_NAMES
from fedkd.backends import ReadyModel
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import HeartLabels, HeartRegion
from fedkd.models import ModelCard, StageSpec
from fedkd.models.card import PackedStage
from fedkd.models.reference import REFERENCE_NORMALIZATIONS
from fedkd.networks import PlainConvUNetSpec
from fedkd.prediction import (
    PredictionOptions,
    StudyOptions,
    predict_by_models,
    predict_ready,
    predict_volume,
    study_prediction,
)
from fedkd.progress import ProgressEvent, silent
from fedkd.volumes import CtSource, CtVolume

SIDE = 16
BRIGHT_LPS_MM = np.array([12.0, 7.0, -3.0])
GRID = Grid((40, 44, 48), (1.0, 1.0, 1.0), (-20.0, -15.0, -30.0))


@dataclass
class BrightIsRcc:
    """Stands for a network: what is bright is RCC and calcification; heads that it lacks say nothing."""

    stage: StageSpec
    batch_size: int = 1
    seen: list[npt.NDArray[np.float32]] = field(default_factory=list)

    def probabilities(self, patches: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        self.seen.append(patches.copy())
        found = {}
        for head, channels in self.stage.network.heads.items():
            maps = np.full((len(patches), channels, *patches.shape[2:]), 0.01, np.float32)
            maps[:, 0] = 0.9
            bright = patches[:, 0] > 1
            maps[:, 0][bright], maps[:, 1][bright] = 0.05, 0.9
            found[head] = maps
        return found


def ready(heads: tuple[str, ...] = ("hps", "ms", "calc"), condition: str | None = None) -> ReadyModel:
    network = PlainConvUNetSpec(
        heads={head: len(HEADS[head].channels) for head in heads},
        filters=(2, 2),
        strides=((1, 1, 1), (2, 2, 2)),
        in_channels=1 if condition is None else 2,
    )
    stage = PackedStage(
        network=network,
        spacing_mm=1,
        patch_size=SIDE,
        ball_radius_mm=4,
        normalization=REFERENCE_NORMALIZATIONS["student"],
        condition=condition,
        weights="none",
        sha256="0" * 64,
    )
    card = ModelCard(model_id="stand-in", license="none", intended_use="tests", student=stage, training={}, metrics={})
    return ReadyModel(card, BrightIsRcc(stage), None, "stand-in backend")


@pytest.fixture
def ct() -> CtVolume:
    image = sitk.Image(GRID.size_xyz, sitk.sitkInt16) - 1000
    image.SetOrigin(GRID.origin_lps_mm)
    for offset in np.ndindex(3, 3, 3):
        image[tuple(int(i) for i in np.rint(GRID.lps_to_index(BRIGHT_LPS_MM)) + offset - 1)] = 700
    return CtVolume(image, CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


@pytest.fixture(autouse=True)
def _small_cube(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_prediction, "CUBE_VOXELS", 32)


def test_what_the_network_sees_becomes_points_and_a_mask_on_the_ct(ct: CtVolume) -> None:
    events: list[ProgressEvent] = []
    prediction = predict_ready(ct, ready(), None, events.append)
    points = {point.label: point.position_lps_mm for point in prediction.points.points}
    assert tuple(points) == LANDMARK_NAMES
    np.testing.assert_allclose(points["RCC"], BRIGHT_LPS_MM, atol=0.1)
    assert points["LCC"] is None
    mask = sitk.GetArrayFromImage(prediction.calcification)
    np.testing.assert_array_equal(mask, sitk.GetArrayFromImage(ct.image) > 0)
    assert prediction.heart_source == "the middle of the CT"
    assert any(note.startswith("Not found: LCC, NCC") for note in prediction.notes)
    assert prediction.backend == "stand-in backend"
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_cube_is_put_around_a_heart_that_is_known(ct: CtVolume) -> None:
    far = Grid((200, 200, 200), (1.0, 1.0, 1.0), GRID.origin_lps_mm)
    image = sitk.Resample(ct.image, far.size_xyz, sitk.Transform(), sitk.sitkNearestNeighbor, far.origin_lps_mm)
    large = CtVolume(image, ct.source)
    unknown = predict_ready(large, ready(), None, silent)
    assert any("Only the middle 32 mm" in note for note in unknown.notes)
    assert unknown.points.points[0].position_lps_mm is None
    center = (float(BRIGHT_LPS_MM[0]), float(BRIGHT_LPS_MM[1]), float(BRIGHT_LPS_MM[2]))
    region = HeartRegion(center, center, center, "mask file heart.nii.gz")
    known = predict_ready(large, ready(), region, silent)
    np.testing.assert_allclose(known.points.points[0].position_lps_mm, BRIGHT_LPS_MM, atol=0.1)
    assert known.heart_source == "mask file heart.nii.gz"
    assert not any("Only the middle" in note for note in known.notes)


def test_model_of_one_task_says_what_it_does_not_know(ct: CtVolume) -> None:
    prediction = predict_ready(ct, ready(("ms",)), None, silent)
    assert "This model knows nothing of: hps, calc." in prediction.notes
    assert not any("RCC" in note for note in prediction.notes)
    assert not sitk.GetArrayFromImage(prediction.calcification).any()


def test_conditioned_model_gets_the_labels_and_says_whose_they_are(ct: CtVolume) -> None:
    parts = np.zeros(GRID.size_xyz[::-1], np.uint8)
    parts[10:30] = 6
    labels = HeartLabels(GRID.to_image(parts), "heart labels from file parts.nii.gz by its numbers")
    model = ready(condition="heart_labels")
    prediction = predict_by_models(ct, (model,), StudyOptions(labels=labels), silent)
    assert prediction.heart_source.endswith(labels.source)
    assert isinstance(model.student, BrightIsRcc)
    assert {patch.shape[1] for patch in model.student.seen} == {2}
    assert {float(value) for patch in model.student.seen for value in np.unique(patch[:, 1])} == {0.0, 6.0}


def test_conditioned_model_without_labels_is_refused_in_plain_words(ct: CtVolume) -> None:
    with pytest.raises(FedkdError) as caught:
        predict_ready(ct, ready(condition="heart_labels"), None, silent)
    assert caught.value.code is ExitCode.USAGE
    assert "--heart-labels" in caught.value.what_to_do


class BrightHeart(BrightIsRcc):
    """Stands for our localizer: the bright half is the left ventricle, and the hinge points are in it."""

    def probabilities(self, patches: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        bright = (patches[:, 0] > 1)[:, None]
        heart = np.where(bright, np.eye(8, dtype=np.float32)[3].reshape(1, 8, 1, 1, 1), 0)
        heart[:, :1][~bright] = 1
        return {"hps": np.full((len(patches), 6, *patches.shape[2:]), 1 / 6, np.float32), "heart": heart.astype("f4")}


def test_parts_of_the_heart_come_from_our_own_localizer_when_nobody_gave_them(ct: CtVolume) -> None:
    network = PlainConvUNetSpec(heads={"hps": 6, "heart": 8}, filters=(2, 2), strides=((1, 1, 1), (2, 2, 2)))
    stage = StageSpec(
        network=network,
        spacing_mm=2,
        patch_size=SIDE,
        ball_radius_mm=8,
        normalization=REFERENCE_NORMALIZATIONS["student"],
    )
    model = ready(condition="heart_labels")
    halves = sitk.GetArrayFromImage(ct.image)
    halves[:20] = 600
    bright = CtVolume(GRID.to_image(halves), ct.source)
    prediction = predict_by_models(bright, (model,), StudyOptions(finder=BrightHeart(stage)), silent)
    assert prediction.heart_source.endswith("heart labels by the embedded model")
    assert isinstance(model.student, BrightIsRcc)
    patches = np.concatenate(model.student.seen)
    assert set(np.unique(patches[:, 1])) == {0.0, 3.0}
    agree = (patches[:, 1] == 3) == (patches[:, 0] > 1)
    assert agree.mean() > 0.95
    with pytest.raises(FedkdError) as caught:
        predict_by_models(ct, (model,), StudyOptions(finder=BrightHeart(stage)), silent)
    assert caught.value.code is ExitCode.HEART_NOT_FOUND


@dataclass(frozen=True)
class Unready:
    """What `predict_volume` asks of a loaded model before it is made ready."""

    card: ModelCard


@pytest.mark.parametrize("fast", [False, True])
def test_one_call_brings_our_localizer_only_where_it_is_needed(
    fast: bool, ct: CtVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, loaded = ready(condition="heart_labels"), []
    module = sys.modules[predict_volume.__module__]
    monkeypatch.setattr(module, "make_ready", lambda model, _: model if isinstance(model, ReadyModel) else study_model)
    monkeypatch.setattr(module, "load_model", lambda: loaded.append(1) or replace(model, localizer=model.student))
    study_model = model
    parts = HeartLabels(GRID.to_image(np.full(GRID.size_xyz[::-1], 3, np.uint8)), "given")
    used = []
    monkeypatch.setattr(module, "predict_by_models", lambda ct, models, options, report: used.append(options))
    options = PredictionOptions(heart_labels=parts, fast=fast)
    predict_volume(ct, Unready(model.card), options, silent)
    (study,) = used
    assert study.labels is parts
    assert (study.root_finder is not None) == bool(loaded) == fast
    predict_volume(ct, Unready(model.card), PredictionOptions(), silent)
    assert used[1].finder is model.student
    assert used[1].root_finder is None
