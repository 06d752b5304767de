"""The study's procedure gives the points of an implementation that shares no line with ours."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from builders.reference_checkpoints import UNetShape, multi_head_unet, save
from fedkd.anatomy import HEADS as ANATOMY
from fedkd.backends import Target, make_ready
from fedkd.geometry import Grid
from fedkd.heart import HeartLabels
from fedkd.models import StageSpec, load_model
from fedkd.models.reference import REFERENCE_NORMALIZATIONS
from fedkd.networks import PlainConvUNetSpec
from fedkd.prediction.reference_cube import cube_of
from fedkd.prediction.reference_procedure import Cube, ReferenceView, centers_of_largest, look_as_reference, windows_of
from fedkd.volumes import CtSource, CtVolume

Logits = Callable[[torch.Tensor], dict[str, torch.Tensor]]
SHAPE = UNetShape(filters=(2, 3), strides=((1, 1, 1), (2, 2, 2)))


def make_ct(size_xyz: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> CtVolume:
    """Smooth blobs of tissue and contrast, in a field as it may come from a scanner."""
    image = sitk.GaussianSource(sitk.sitkFloat32, size_xyz, [30.0] * 3, [60.0] * 3, 900.0, [0, 0, 0], spacing_mm)
    noise = np.random.default_rng(7).normal(0, 300, size_xyz[::-1]).astype(np.float32)
    wild = sitk.GetImageFromArray(noise)
    wild.CopyInformation(image)
    smooth = sitk.SmoothingRecursiveGaussian(wild, 3.0)
    hu = sitk.Cast(sitk.Round(image + smooth * 8 - 300), sitk.sitkInt16)
    hu.SetOrigin((-31.0, 12.5, -400.25))
    return CtVolume(hu, CtSource(Path("made.nii.gz"), "nifti", "0" * 64))


def study_cube(image: sitk.Image, sides: tuple[int, int, int]) -> sitk.Image:
    """The study's preprocessing, written down anew."""
    low, high, mean, sd = -42, 878, 373.77, 166.81
    normalized = (sitk.Clamp(sitk.Cast(image, sitk.sitkFloat32), sitk.sitkFloat32, low, high) - mean) / sd
    size = [round(n * mm) for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    air = (low - mean) / sd
    whole = sitk.Resample(
        normalized, size, sitk.Transform(), sitk.sitkBSpline, image.GetOrigin(), [1.0] * 3, image.GetDirection(), air
    )
    more = [max(0, side - n) for n, side in zip(size, sides, strict=True)]
    padded = sitk.ConstantPad(whole, [n // 2 for n in more], [n - n // 2 for n in more], air)
    less = [n - side for n, side in zip(padded.GetSize(), sides, strict=True)]
    return sitk.Crop(padded, [n // 2 for n in less], [n - n // 2 for n in less])


def study_classes(cube: sitk.Image, starts: tuple[tuple[int, ...], ...], logits_of: Logits) -> dict[str, np.ndarray]:
    """The study's patches: the class that wins in each voxel, by head."""
    x = torch.from_numpy(sitk.GetArrayFromImage(cube)).float()[None, None]
    sums = {}
    counts = torch.zeros(x.shape[2:])
    for z, y, x0 in itertools.product(*starts):
        part = np.s_[..., z : z + 96, y : y + 96, x0 : x0 + 96]
        counts[part] += 1
        for head, values in logits_of(x[part]).items():
            sums.setdefault(head, torch.zeros(values.shape[:2] + x.shape[2:]))[part] += values
    return {head: (total / counts)[0].argmax(0).numpy() for head, total in sums.items()}


def study_points(cube: sitk.Image, classes: dict[str, np.ndarray]) -> dict[str, tuple[float, ...]]:
    """The study's points in LPS mm."""
    points = {}
    for head in ("hps", "ms"):
        for channel, name in enumerate(ANATOMY[head].channels[1:], start=1):
            mask = sitk.GetImageFromArray((classes[head] == channel).astype(np.uint8)) if head in classes else None
            if mask is None or not sitk.GetArrayViewFromImage(mask).any():
                continue
            shape = sitk.LabelShapeStatisticsImageFilter()
            shape.Execute(sitk.RelabelComponent(sitk.ConnectedComponent(mask)))
            points[name] = cube.TransformContinuousIndexToPhysicalPoint(shape.GetCentroid(1))
    return points


def assert_same_points(view: ReferenceView, expected: dict[str, tuple[float, ...]]) -> None:
    assert set(view.landmarks) == set(expected)
    for name, position in expected.items():
        np.testing.assert_allclose(view.landmarks[name].position_lps_mm, position, atol=0.1)


def test_points_and_calcification_of_a_checkpoint_are_those_of_the_study(tmp_path: Path) -> None:
    torch.manual_seed(3)
    bare = multi_head_unet(SHAPE)
    model = load_model(save(bare.state, tmp_path / "unet.pt"))
    ct = make_ct((151, 113, 49), (0.73, 0.87, 1.47))
    student = make_ready(model, Target("torch", "cpu")).student
    view = look_as_reference(ct, student, Cube(cube_of(ct.grid, 1.0, side=96)), lambda: None)
    cube = study_cube(ct.image, (96, 96, 96))
    with torch.inference_mode():
        classes = study_classes(cube, ((0,), (0,), (0,)), bare.logits)
    expected = study_points(cube, classes)
    assert len(expected) > 3
    assert_same_points(view, expected)
    assert view.calcification is not None
    mask = sitk.GetImageFromArray(classes["calc"].astype(np.uint8))
    mask.CopyInformation(cube)
    wanted = sitk.GetArrayFromImage(sitk.Resample(mask, ct.image, sitk.Transform(), sitk.sitkNearestNeighbor))
    assert wanted.any()
    assert np.mean(sitk.GetArrayFromImage(view.calcification) != wanted) < 1e-4


def test_patches_overlap_by_a_quarter_and_their_logits_are_averaged() -> None:
    stage = StageSpec(
        network=PlainConvUNetSpec(heads={"ms": 3}, filters=(2, 2), strides=((1, 1, 1), (2, 2, 2))),
        spacing_mm=1,
        patch_size=96,
        ball_radius_mm=4,
        normalization=REFERENCE_NORMALIZATIONS["unet"],
    )

    def logits_of(x: torch.Tensor) -> dict[str, torch.Tensor]:
        # Differs from patch to patch, so that an average of something else than the logits would be seen.
        return {"ms": torch.cat((x * 0, 3 * (x - x.mean() - 0.3), -8 * (x + 0.2 * x.std() + 1.2)), 1)}

    class Student:
        batch_size = 1

        def __init__(self) -> None:
            self.stage = stage

        def probabilities(self, patches: np.ndarray) -> dict[str, np.ndarray]:
            return {head: out.softmax(1).numpy() for head, out in logits_of(torch.from_numpy(patches)).items()}

    ticks = []
    # As long as the whole cube along one axis, to be fast.
    ct = make_ct((96, 96, 192), (1.0, 1.0, 1.0))
    view = look_as_reference(ct, Student(), Cube(ct.grid), lambda: ticks.append(1))
    cube = study_cube(ct.image, (96, 96, 192))
    expected = study_points(cube, study_classes(cube, ((0, 72, 96), (0,), (0,)), logits_of))
    assert len(ticks) == windows_of(ct.grid, 96) == 3
    assert set(expected) == {"MS1", "MS2"}
    assert_same_points(view, expected)
    assert view.calcification is None


def test_heart_labels_reach_a_conditioned_network_as_raw_integers(tmp_path: Path) -> None:
    torch.manual_seed(4)
    conditioned = multi_head_unet(replace(SHAPE, in_channels=2))
    model = load_model(save(conditioned.state, tmp_path / "conditioned.pt"))
    assert model.card.student.condition == "heart_labels"
    ct = make_ct((100, 100, 100), (1.0, 1.0, 1.0))
    heart = np.zeros((100, 100, 100), np.uint8)
    heart[30:70, 30:70, 30:70] = np.arange(40)[:, None, None] % 8
    labels = HeartLabels(ct.grid.to_image(heart), "made")
    seen = []

    class Recorder:
        batch_size = 1

        def __init__(self) -> None:
            self.stage = model.card.student

        def probabilities(self, patches: np.ndarray) -> dict[str, np.ndarray]:
            seen.append(patches.copy())
            channels = self.stage.network.heads
            return {head: np.ones((1, size, 96, 96, 96), np.float32) / size for head, size in channels.items()}

    look_as_reference(ct, Recorder(), Cube(cube_of(ct.grid, 1.0, side=96), labels), lambda: None)
    (patch,) = seen
    np.testing.assert_array_equal(patch[0, 1], heart[2:98, 2:98, 2:98])


def test_cube_is_the_ct_itself_where_that_is_one() -> None:
    grid = Grid((192, 192, 192), (1.0, 1.0, 1.0), (3.0, -4.0, 5.5))
    assert cube_of(grid, 1.0) == grid
    assert windows_of(grid, 96) == 27


@pytest.mark.parametrize(
    ("size_xyz", "spacing_mm"), [((60, 60, 60), (3.3, 3.1, 2.9)), ((50, 193, 191), (2.0, 1.0, 1.0))]
)
def test_cube_is_cut_and_padded_as_the_study_does(
    size_xyz: tuple[int, int, int], spacing_mm: tuple[float, float, float]
) -> None:
    ct = make_ct(size_xyz, spacing_mm)
    np.testing.assert_allclose(
        cube_of(ct.grid, 1.0).origin_lps_mm, study_cube(ct.image, (192, 192, 192)).GetOrigin(), atol=1e-6
    )


@pytest.mark.parametrize("size", [1, 95, 191, 192, 193, 400])
def test_cube_depends_on_the_space_and_not_on_the_order_of_the_voxels(size: int) -> None:
    straight = sitk.Image([size, 50, 60], sitk.sitkUInt8)
    straight.SetSpacing((0.5, 2.0, 3.0))
    straight.SetOrigin((1.0, 2.0, 3.0))
    flipped = sitk.Flip(sitk.PermuteAxes(straight, [2, 0, 1]), [True, False, True])
    one, other = cube_of(Grid.of(straight), 1.0), cube_of(Grid.of(flipped), 1.0)
    assert one.size_xyz == other.size_xyz == (192, 192, 192)
    np.testing.assert_allclose(one.origin_lps_mm, other.origin_lps_mm, atol=1e-6)
    np.testing.assert_allclose(one.direction, other.direction, atol=1e-9)


def test_cube_goes_where_the_heart_is_and_stays_on_the_voxels_of_the_ct() -> None:
    grid = Grid((512, 512, 400), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    cube = cube_of(grid, 1.0, (100.2, 300.0, 250.0))
    assert cube.origin_lps_mm == (4.0, 204.0, 154.0)


def test_absent_class_stays_absent_and_no_other_takes_its_name() -> None:
    logs = np.full((4, 8, 8, 8), -9.0, np.float32)
    logs[0] = 0
    logs[3, 2:4, 5, 5] = 1
    logs[1, 7, 7, 7] = 1
    logs[1, 0:2, 0, 0] = 1
    found = centers_of_largest(logs, ("A", "B", "C"), Grid((8, 8, 8), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    assert set(found) == {"A", "C"}
    np.testing.assert_allclose(found["C"].position_lps_mm, (5, 5, 2.5))
    np.testing.assert_allclose(found["A"].position_lps_mm, (0, 0, 0.5))
    assert 0.5 < found["A"].confidence <= 1
