"""Calcium by cusp on a root whose calcium is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from builders.calcified_tube import JUNCTION_MM, Ball, CalcifiedTube
from fedkd.anatomy import CALCIFIED_PART_LABELS
from fedkd.geometry import Grid
from fedkd.measurement.blood import Blood
from fedkd.measurement.calcium import (
    CalciumParts,
    CalciumThreshold,
    Marks,
    ReaderMarks,
    RootFrame,
    calcium_doubts,
    measure_calcium,
)
from fedkd.measurement.catalog import KEYS
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt

# One in each part, all of their volume inside it. 850 HU lies midway between blood and calcium.
BALLS = {
    "rcc": Ball(5.0, 7.0, 9.0, 3.0, 1300.0),
    "lcc": Ball(112.0, 7.5, 8.0, 3.4, 1300.0),
    "ncc": Ball(250.0, 8.0, 11.0, 3.8, 1300.0),
    "lvot": Ball(60.0, 5.0, -5.0, 2.8, 1300.0),
}
TUBE = CalcifiedTube(tuple(BALLS.values()))
CLEAN = CalcifiedTube()
TURN = Rotation.from_euler("xyz", (25, -40, 65), degrees=True).as_matrix()
GRIDS = {
    "straight": TUBE.grid((0.6, 0.6, 0.7)),
    "thick slices": TUBE.grid((0.5, 0.5, 1.2)),
    "oblique": TUBE.grid((0.6, 0.6, 0.9), TURN),
    "left-handed": replace(
        TUBE.grid((0.7, 0.7, 0.7)), direction=(1, 0, 0, 0, 1, 0, 0, 0, -1), origin_lps_mm=(-23.0, -64.0, 93.0)
    ),
}


def blood_of(tube: CalcifiedTube) -> Blood:
    return Blood(tube.blood_hu, tube.noise_hu)


def measured(
    tube: CalcifiedTube,
    ct: sitk.Image,
    marks: Marks | None = None,
    threshold: CalciumThreshold = CalciumThreshold.FIXED_850,
) -> CalciumParts:
    frame = RootFrame.of(tube.plane, tube.hinges_lps_mm, JUNCTION_MM)
    return measure_calcium(RootCt.around(ct, tube.center_lps_mm, 60.0), frame, blood_of(tube), marks, threshold)


@pytest.fixture(scope="module")
def ct() -> sitk.Image:
    return TUBE.paint(GRIDS["straight"])


def marked(grid: Grid, balls: list[Ball], less_mm: float = 1.0) -> sitk.Image:
    """A model's opinion: ``balls``, a little too small."""
    mask = np.zeros(grid.size_xyz[::-1], np.uint8)
    k, j, i = np.indices(mask.shape)
    points = grid.index_to_lps(np.stack([i, j, k], axis=-1))
    for ball in balls:
        center = TUBE.at(ball.degrees, ball.away_mm, ball.height_mm)
        mask |= (np.linalg.norm(points - center, axis=-1) <= ball.radius_mm - less_mm).astype(np.uint8)
    return grid.to_image(mask)


@pytest.mark.parametrize("name", GRIDS)
def test_volumes_are_those_of_the_calcium_in_each_part(name: str) -> None:
    parts = measured(TUBE, TUBE.paint(GRIDS[name]))
    for part, ball in BALLS.items():
        # What lies above the threshold after the blur, and the calcium itself.
        assert parts.volumes_mm3[part] == pytest.approx(ball.seen_mm3(400, 850), rel=0.05), part
        assert parts.volumes_mm3[part] == pytest.approx(ball.volume_mm3, rel=0.11), part
    assert parts.beside_mm3 == 0
    assert parts.not_seen_mm3 is None


def test_the_default_threshold_follows_the_contrast() -> None:
    balls = tuple(replace(ball, hu=620.0) for ball in BALLS.values())
    tube = replace(TUBE, balls=balls)
    parts = measured(tube, tube.paint(tube.grid((0.6, 0.6, 0.6))), None, CalciumThreshold.LUMEN_PLUS_100)
    assert parts.threshold_hu == 500
    for part, ball in zip(BALLS, balls, strict=True):
        assert parts.volumes_mm3[part] == pytest.approx(ball.volume_mm3, rel=0.1), part


def test_the_values_are_those_of_the_catalog(ct: sitk.Image) -> None:
    parts = measured(TUBE, ct)
    values = parts.values()
    assert set(values) == {key for key in KEYS if key.startswith("calcium_")}
    assert values["calcium_total_mm3"] == pytest.approx(sum(parts.volumes_mm3.values()))
    assert values["calcium_threshold_hu"] == 850
    # The middle of a ball has 1300 HU, its rim 850.
    for part in BALLS:
        mean_hu = 1000 * values[f"calcium_{part}_mass_score"] / values[f"calcium_{part}_mm3"]
        assert 1050 < mean_hu < 1300, part


def test_the_label_map_holds_the_counted_voxels_in_the_grid_of_the_ct(ct: sitk.Image) -> None:
    parts = measured(TUBE, ct)
    on_ct = parts.label_map_on(Grid.of(ct))
    assert Grid.of(on_ct) == Grid.of(ct)
    labels = sitk.GetArrayFromImage(on_ct)
    for part, label in CALCIFIED_PART_LABELS.items():
        voxels = np.argwhere(labels == label)
        assert len(voxels) * np.prod(ct.GetSpacing()) == pytest.approx(parts.volumes_mm3[part])
        ball = BALLS[part]
        middle = Grid.of(ct).index_to_lps(voxels.mean(axis=0)[::-1])
        assert np.linalg.norm(middle - TUBE.at(ball.degrees, ball.away_mm, ball.height_mm)) < 0.2


def test_a_deposit_across_a_commissure_is_shared() -> None:
    tube = replace(CLEAN, balls=(Ball(59.0, 9.0, 8.0, 3.0, 1300.0),))  # the middle between hinges at 0 and 118
    parts = measured(tube, tube.paint(tube.grid()))
    assert parts.volumes_mm3["rcc"] == pytest.approx(parts.volumes_mm3["lcc"], rel=0.12)
    assert parts.volumes_mm3["ncc"] == parts.volumes_mm3["lvot"] == 0


def test_only_what_the_model_sees_counts_and_the_rest_is_told(ct: sitk.Image) -> None:
    everything = measured(TUBE, ct)
    seen = measured(TUBE, ct, marked(GRIDS["straight"], [BALLS["rcc"], BALLS["lcc"]]))
    assert seen.volumes_mm3 == everything.volumes_mm3 | {"ncc": 0.0, "lvot": 0.0}
    missed = everything.volumes_mm3["ncc"] + everything.volumes_mm3["lvot"]
    assert seen.not_seen_mm3 == pytest.approx(missed)
    (doubt,) = calcium_doubts(seen)
    assert (doubt.code, doubt.severity, doubt.unit) == ("calcium_not_seen_by_model", "warning", "mm3")
    assert doubt.value == pytest.approx(missed)
    assert f"{missed:.0f} mm³" in doubt.text
    assert [doubt.code for doubt in calcium_doubts(everything)] == ["calcium_not_marked"]


def test_bright_blood_that_touches_marked_calcium_stays_out() -> None:
    calcium, swirl = Ball(250.0, 8.0, 8.0, 3.0, 1300.0), Ball(250.0, 3.0, 8.0, 4.5, 1000.0)
    tube = replace(CLEAN, balls=(swirl, calcium))
    image = tube.paint(tube.grid())
    parts = measured(tube, image, marked(Grid.of(image), [calcium]))
    assert parts.values()["calcium_total_mm3"] < 1.6 * calcium.volume_mm3
    assert parts.not_seen_mm3 > 0.5 * swirl.volume_mm3
    alone = measured(tube, image)
    assert alone.values()["calcium_total_mm3"] == pytest.approx(
        parts.values()["calcium_total_mm3"] + parts.not_seen_mm3
    )


@pytest.mark.parametrize("height_mm", [None, 3.0, 60.0])
def test_without_a_plausible_junction_the_usual_height_is_taken_and_said(ct: sitk.Image, height_mm) -> None:
    frame = RootFrame.of(TUBE.plane, TUBE.hinges_lps_mm, height_mm)
    assert frame.top_mm == pytest.approx(1.69 * 12.0, rel=0.001)
    marks = marked(Grid.of(ct), list(BALLS.values()))
    parts = measure_calcium(
        RootCt.around(ct, TUBE.center_lps_mm, 60.0), frame, blood_of(TUBE), marks, CalciumThreshold.FIXED_850
    )
    assert [doubt.code for doubt in calcium_doubts(parts)] == ["calcium_upper_end_assumed"]
    known = measured(TUBE, ct, marks)
    assert parts.volumes_mm3 == known.volumes_mm3
    assert calcium_doubts(known) == ()


def test_measuring_again_from_the_result_changes_nothing(ct: sitk.Image) -> None:
    first = measured(TUBE, ct, marked(GRIDS["straight"], [BALLS["ncc"]]))
    again = measured(TUBE, ct, ReaderMarks(first.label_map_on(Grid.of(ct))))
    assert again.volumes_mm3 == first.volumes_mm3
    assert again.not_seen_mm3 == first.not_seen_mm3


def test_the_mask_may_have_a_grid_of_its_own(ct: sitk.Image) -> None:
    mask = marked(TUBE.grid((1.0, 1.0, 1.0), TURN), [BALLS["ncc"]])
    low = sitk.RegionOfInterest(mask, [s - 9 for s in mask.GetSize()], [4, 5, 6])
    assert measured(TUBE, ct, low).volumes_mm3["ncc"] == measured(TUBE, ct).volumes_mm3["ncc"]


def test_what_a_reader_erased_stays_erased_and_nothing_is_added(ct: sitk.Image) -> None:
    everything = measured(TUBE, ct)
    edited = sitk.GetArrayFromImage(everything.label_map_on(Grid.of(ct)))
    ncc = np.argwhere(edited == CALCIFIED_PART_LABELS["ncc"])
    half = ncc[: len(ncc) // 2]
    edited[tuple(half.T)] = 0
    seen = measured(TUBE, ct, ReaderMarks(Grid.of(ct).to_image(edited)))
    voxel_mm3 = np.prod(ct.GetSpacing())
    assert seen.volumes_mm3["ncc"] == pytest.approx((len(ncc) - len(half)) * voxel_mm3)
    assert seen.not_seen_mm3 == pytest.approx(len(half) * voxel_mm3)
    assert {**seen.volumes_mm3, "ncc": 0} == {**everything.volumes_mm3, "ncc": 0}


@pytest.mark.parametrize(
    "ball",
    [
        Ball(118.0, 20.5, 12.0, 3.0, 1300.0),
        Ball(200.0, 27.0, 5.0, 11.0, 1300.0),
        Ball(180.0, 19.5, -4.0, 6.0, 1200.0),
        Ball(30.0, 8.0, 25.0, 3.0, 1300.0),
    ],
    ids=["coronary plaque", "contrast in the right atrium", "mitral annulus", "ascending aorta"],
)
def test_what_lies_beside_or_above_the_root_is_kept_out(ball: Ball) -> None:
    tube = replace(CLEAN, balls=(ball,))
    image = tube.paint(tube.grid())
    assert measured(tube, image).values()["calcium_total_mm3"] == 0
    everything = sitk.Cast(image > 700, sitk.sitkUInt8)
    assert measured(tube, image, everything).values()["calcium_total_mm3"] < 0.2 * ball.volume_mm3


def test_a_neighbor_at_the_wall_is_told_but_not_counted() -> None:
    tube = replace(CLEAN, balls=(Ball(240.0, 26.5, 8.0, 10.5, 1300.0),))
    parts = measured(tube, tube.paint(tube.grid()))
    assert parts.values()["calcium_total_mm3"] == 0
    assert [doubt.code for doubt in calcium_doubts(parts)] == ["calcium_beside_root"]


@pytest.mark.parametrize("noise_hu", [20.0, 45.0, 65.0])
def test_noise_is_no_calcium(noise_hu: float) -> None:
    tube = replace(CLEAN, noise_hu=noise_hu)
    parts = measured(tube, tube.paint(tube.grid()), None, CalciumThreshold.LUMEN_PLUS_100)
    assert parts.values()["calcium_total_mm3"] == 0


@pytest.mark.parametrize(
    ("change", "threshold", "words"),
    [
        ({"blood_hu": 470.0}, CalciumThreshold.FIXED_450, "470 HU"),
        ({"blood_hu": 440.0}, CalciumThreshold.FIXED_450, "noise"),
        ({"noise_hu": 80.0}, CalciumThreshold.LUMEN_PLUS_100, "noise"),
        ({"outflow_hu": 520.0}, CalciumThreshold.LUMEN_PLUS_100, "outflow tract"),
        ({"balls": (Ball(0.0, 7.0, 8.0, 4.0, 3300.0),)}, CalciumThreshold.FIXED_850, "Metal"),
    ],
    ids=["blood above 450", "blood about 450", "noise", "outflow tract brighter", "prosthesis"],
)
def test_a_threshold_that_does_not_tell_calcium_is_refused(change: dict, threshold, words: str) -> None:
    tube = replace(CLEAN, **change)
    with pytest.raises(NotMeasurable, match=words):
        measured(tube, tube.paint(tube.grid((1.0, 1.0, 1.0))), None, threshold)


def test_a_root_at_the_edge_of_the_ct_has_no_number(ct: sitk.Image) -> None:
    size = ct.GetSize()
    with pytest.raises(NotMeasurable):
        measured(TUBE, sitk.RegionOfInterest(ct, [size[0], size[1], size[2] // 2], [0, 0, 0]))


def test_the_real_ct_has_no_calcium(shared_data: Path) -> None:
    image = sitk.Cast(sitk.ReadImage(str(shared_data / "real_ct" / "contrast_ct.nii.gz")), sitk.sitkInt16)
    hinges = np.array([[20.7, -193.5, 660.7], [20.8, -176.6, 665.5], [6.3, -184.1, 654.1]])  # by eye, +- 2 mm
    from fedkd.geometry import annulus_plane
    from fedkd.measurement.blood import measure_blood
    from fedkd.measurement.section import measure_section

    plane = annulus_plane(*hinges)
    root = RootCt.around(image, plane.center_lps_mm)
    blood = measure_blood(root, plane)
    frame = RootFrame.of(measure_section(root, plane, blood).plane, hinges, 20.0)
    for threshold in (CalciumThreshold.FIXED_850, CalciumThreshold.LUMEN_PLUS_100):
        assert measure_calcium(root, frame, blood, None, threshold).values()["calcium_total_mm3"] < 20
    with pytest.raises(NotMeasurable, match="brighter than the threshold"):
        measure_calcium(root, frame, blood, None, CalciumThreshold.FIXED_450)
