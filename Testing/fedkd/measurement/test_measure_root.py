"""Everything on a root of known shape; and on geometry that is none: reasons, never exceptions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.ct_images import rotation
from builders.soft_root import ROOT, soft_ct, volume_of
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import Grid
from fedkd.measurement.after_drag import DragSession
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.measurement.catalog import BY_KEY, KEYS
from fedkd.measurement.measure import MeasuredRoot, MeasureOptions, measure_root
from fedkd.measurement.result import Measurements
from fedkd.phantom.analytic import truth
from fedkd.volumes import CtVolume

Points = dict[str, tuple[float, float, float]]
POINTS: Points = ROOT.landmarks_lps_mm()
SMALL = volume_of(sitk.Image(8, 8, 8, sitk.sitkInt16))


@pytest.fixture(scope="module")
def ct() -> CtVolume:
    return soft_ct()


@pytest.fixture(scope="module")
def measured(ct: CtVolume) -> MeasuredRoot:
    return measure_root(ct, POINTS, None, MeasureOptions())


def numbers(root: MeasuredRoot) -> dict[str, float]:
    quantities = root.measurements.quantities
    return {key: one.value for key, one in quantities.items() if isinstance(one.value, float)}


def tolerance(key: str, value: float) -> float:
    """What the product promises."""
    if key.endswith("_area_mm2"):
        return 0.03 * value
    if key.startswith("stj_height"):
        return 1.5
    if "height" in key:
        return 0.3 if "wall" not in key else 0.5
    return {"deg": 0.5, "mm": 0.5, "[hnsf'U]": 10.0, "1": 0.03, "mm3": 1.0}[BY_KEY[key].unit]


def check_alike(found: Mapping[str, float], expected: Mapping[str, float]) -> None:
    for key, value in expected.items():
        slack = math.pi if "perimeter_mm" in key and "diameter" not in key else 1.0
        assert found[key] == pytest.approx(value, abs=slack * tolerance(key, value)), key


def test_every_key_has_a_value_where_all_can_be_measured(measured: MeasuredRoot) -> None:
    quantities = measured.measurements.quantities
    assert tuple(quantities) == KEYS
    assert [one.reason for one in quantities.values() if one.value is None] == []
    assert quantities["septum_risk_band"].value == "long (> 6 mm)"


def test_numbers_are_those_of_the_shape(measured: MeasuredRoot) -> None:
    check_alike(numbers(measured), truth(ROOT))


def test_there_is_something_to_draw(measured: MeasuredRoot) -> None:
    shapes = measured.measurements.shapes
    assert [contour.name for contour in shapes.contours] == [
        "Annulus",
        "LVOT",
        "Sinotubular junction",
        "Ascending aorta",
    ]
    assert {"Left coronary height", "Right coronary height", "Membranous septum"} <= {one.name for one in shapes.lines}
    assert set(shapes.named_views) == {"three-cusp", "cusp overlap"}
    assert len(shapes.s_curve) == 181
    assert len(shapes.centerline) > 50
    for contour in shapes.contours:
        away = (contour.points_lps_mm - contour.plane.center_lps_mm) @ contour.plane.normal_lps
        assert np.abs(away).max() < 0.01
    for line in shapes.lines:
        if line.name.endswith("coronary height"):
            key = "lco_height_mm" if line.name.startswith("Left") else "rco_height_mm"
            length = float(np.linalg.norm(line.end_lps_mm - line.start_lps_mm))
            assert length == pytest.approx(measured.measurements.value(key))


def test_the_area_along_the_centerline_passes_through_the_annulus_that_is_reported(measured: MeasuredRoot) -> None:
    stations = measured.measurements.shapes.centerline
    (at_annulus,) = [station for station in stations if station.height_mm == 0]
    assert at_annulus.area_mm2 == pytest.approx(measured.measurements.value("annulus_area_mm2"), rel=1e-9)


@pytest.mark.parametrize(
    "direction",
    [rotation(0, 20.0) @ rotation(2, -35.0), np.diag([-1.0, -1.0, 1.0]), np.eye(3)[:, [2, 0, 1]]],
    ids=["oblique", "turned over", "other axes"],
)
def test_the_voxel_grid_changes_no_number(measured: MeasuredRoot, direction: np.ndarray) -> None:
    grid = Grid.centered(ROOT.to_lps(ROOT.ascending.point(20.0)), (92,) * 3, 1.1).turned(direction)
    found = numbers(measure_root(soft_ct(grid=grid), POINTS, None, MeasureOptions()))
    check_alike(found, numbers(measured))


def test_thicker_slices_change_no_number_beyond_what_is_promised(measured: MeasuredRoot) -> None:
    grid = ROOT.grid((0.8, 0.8, 1.5))
    found = measure_root(soft_ct(grid=grid), POINTS, None, MeasureOptions())
    expected = numbers(measured)
    check_alike(numbers(found), {key: expected[key] for key in expected if "eccentricity" not in key})
    assert "voxels_large" in {finding.code for finding in found.measurements.findings}


def test_calcium_map_lies_in_the_grid_of_the_ct(ct: CtVolume, measured: MeasuredRoot) -> None:
    assert measured.calcium is not None
    assert measured.calcium.GetSize() == ct.image.GetSize()
    assert measured.calcium.GetOrigin() == ct.image.GetOrigin()


def broken(**changes: tuple[float, float, float] | None) -> Points:
    changed = POINTS | changes
    return {name: point for name, point in changed.items() if point is not None}


ON_A_LINE = {name: (5.0 + 8 * number, -20.0, 600.0) for number, name in enumerate(("RCC", "LCC", "NCC"))}
NEARLY = ON_A_LINE | {"LCC": (13.0, -20.3, 600.0)}
BAD_POINTS = {
    "none": {},
    "only an ostium": {"LCO": POINTS["LCO"]},
    "only hinges": {name: POINTS[name] for name in ("RCC", "LCC", "NCC")},
    "on a line": broken(**ON_A_LINE),
    "nearly on a line": broken(**NEARLY),
    "one place": dict.fromkeys(LANDMARK_NAMES, POINTS["RCC"]),
    "two on each other": broken(LCC=POINTS["RCC"]),
    "hinge outside": broken(RCC=(500.0, 0.0, 0.0)),
    "ostium outside": broken(LCO=(500.0, 0.0, 0.0)),
    "no number": broken(NCC=(math.nan, 0.0, 0.0)),
    "endless": broken(NCC=(math.inf, 0.0, 0.0)),
    "order reversed": broken(LCC=POINTS["NCC"], NCC=POINTS["LCC"]),
    "ostia below": broken(LCO=POINTS["MS2"], RCO=POINTS["MS2"]),
    "ostium on the axis": broken(LCO=tuple((ROOT.plane.center_lps_mm + 12 * ROOT.plane.normal_lps).tolist())),
    "ostium in a hinge": broken(LCO=POINTS["LCC"]),
    "far apart": broken(RCC=(-12.0, -40.0, 560.0), LCC=(40.0, -60.0, 620.0)),
}


@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_points_give_reasons(ct: CtVolume, name: str) -> None:
    for quantity in DragSession(ct.image).follow(BAD_POINTS[name]).quantities.values():
        assert quantity.value is not None or (quantity.reason or "").endswith("."), quantity


@pytest.mark.parametrize("name", ["none", "nearly on a line", "hinge outside", "order reversed", "far apart"])
def test_everything_has_a_reason_where_there_is_no_annulus(ct: CtVolume, name: str) -> None:
    found = measure_root(ct, BAD_POINTS[name], None, MeasureOptions())
    assert tuple(found.measurements.quantities) == KEYS


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("none", "annulus_area_mm2", "RCC, LCC and NCC have no position."),
        ("nearly on a line", "lco_height_mm", "nearly on one line"),
        ("nearly on a line", "annulus_area_mm2", "nearly on one line"),
        ("hinge outside", "calcium_rcc_mm3", "RCC lies outside the CT."),
        ("ostium outside", "lco_wall_height_mm", "LCO lies outside the CT."),
        ("only hinges", "ms1_to_plane_mm", "MS1 has no position."),
        ("ostium on the axis", "lco_wall_height_mm", "on the axis"),
    ],
)
def test_reasons_say_what_is_missing(ct: CtVolume, name: str, key: str, words: str) -> None:
    measure = DragSession(ct.image).follow if not key.startswith("calcium") else _everything(ct)
    quantity = measure(BAD_POINTS[name]).quantities[key]
    assert quantity.value is None
    assert words in (quantity.reason or "")


def _everything(ct: CtVolume) -> Callable[[Points], Measurements]:
    return lambda points: measure_root(ct, points, None, MeasureOptions()).measurements


def test_what_does_not_need_the_missing_point_is_measured(ct: CtVolume, measured: MeasuredRoot) -> None:
    found = measure_root(ct, broken(LCO=None, MS1=None), None, MeasureOptions())
    gone = {key for key in KEYS if found.measurements.quantities[key].value is None}
    assert gone == {"lco_height_mm", "lco_wall_height_mm", "septum_length_mm", "septum_risk_band", "ms1_to_plane_mm"}
    assert numbers(found).items() <= numbers(measured).items()


def cropped(ct: CtVolume, axis: int, keep: slice) -> CtVolume:
    index = [slice(None)] * 3
    index[axis] = keep
    return volume_of(ct.image[tuple(index)])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plane_that_leaves_the_ct_gives_reasons(ct: CtVolume, axis: int) -> None:
    nearest = min(ct.image.TransformPhysicalPointToIndex(POINTS[name])[axis] for name in ("RCC", "LCC", "NCC"))
    found = DragSession(cropped(ct, axis, slice(nearest + (axis == 1), None)).image).follow(POINTS)
    assert found.quantities["annulus_area_mm2"].value is None or found.quantities["lvot_area_mm2"].value is None


def test_a_ct_that_ends_above_the_valve_has_no_junction(ct: CtVolume) -> None:
    top = ct.image.TransformPhysicalPointToIndex(ROOT.at(0.0, 0.0, 15.0))[2]
    found = measure_root(cropped(ct, 2, slice(0, top)), POINTS, None, MeasureOptions()).measurements
    assert found.value("septum_length_mm") is not None
    assert found.quantities["stj_height_mm"].value is None
    assert found.quantities["calcium_total_mm3"].value is None


@pytest.mark.parametrize("hu", [-1000, 40, 3000])
def test_an_empty_ct_gives_reasons(ct: CtVolume, hu: int) -> None:
    blank = sitk.Image(ct.image.GetSize(), sitk.sitkInt16) + hu
    blank.CopyInformation(ct.image)
    found = measure_root(volume_of(blank), POINTS, None, MeasureOptions()).measurements
    assert found.quantities["annulus_area_mm2"].value is None
    assert found.value("lco_height_mm") == pytest.approx(13.5, abs=0.01)


def test_a_ct_elsewhere_gives_reasons() -> None:
    found = measure_root(SMALL, POINTS, None, MeasureOptions()).measurements
    assert "outside the CT" in (found.quantities["annulus_area_mm2"].reason or "")


def test_a_threshold_in_the_blood_is_a_reason(ct: CtVolume) -> None:
    brighter = sitk.Cast(sitk.Cast(ct.image, sitk.sitkFloat32) * 1.2, sitk.sitkInt16)
    options = MeasureOptions(CalciumThreshold.FIXED_450)
    found = measure_root(volume_of(brighter), POINTS, None, options).measurements
    assert "brighter than the threshold" in (found.quantities["calcium_total_mm3"].reason or "")
    assert found.value("annulus_area_mm2") is not None


def coordinates() -> st.SearchStrategy[tuple[float, float, float]]:
    near = st.tuples(st.floats(-40, 50), st.floats(-60, 25), st.floats(570, 660))
    return near | st.tuples(*[st.floats(-1e4, 1e4)] * 3)


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.sampled_from(LANDMARK_NAMES), coordinates()))
def test_no_points_at_all_raise(points: Points) -> None:
    session = _session()
    followed = session.follow(points)
    assert set(followed.quantities) <= set(KEYS)


_SESSIONS: list[DragSession] = []


def _session() -> DragSession:
    if not _SESSIONS:
        _SESSIONS.append(DragSession(soft_ct().image))
    return _SESSIONS[0]


def test_a_drag_gives_what_measuring_everything_gives(ct: CtVolume, measured: MeasuredRoot) -> None:
    session = DragSession(ct.image)
    session.follow(broken(RCC=tuple(np.add(POINTS["RCC"], 3.0).tolist())))
    back = session.follow(POINTS)
    everything = measured.measurements.quantities
    for key, quantity in back.quantities.items():
        if isinstance(quantity.value, float):
            assert quantity.value == pytest.approx(everything[key].value, rel=2e-3), key
        else:
            assert quantity == everything[key]
    assert {key for key in KEYS if key not in back.quantities} == {
        key for key in KEYS if key.startswith(("sinus", "stj", "ascending", "calcium"))
    }


def test_a_drag_far_away_looks_around_the_new_place(ct: CtVolume) -> None:
    session = DragSession(ct.image)
    moved = {name: tuple(np.add(point, (0, 0, 12.0)).tolist()) for name, point in POINTS.items()}
    session.follow(moved)
    first = session.view
    session.follow(POINTS)
    assert session.view is not first


@settings(max_examples=15, deadline=None)
@given(
    st.tuples(st.floats(-180, 180), st.floats(-180, 180), st.floats(-180, 180)),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(-500, 500)),
)
def test_distances_do_not_depend_on_the_frame(
    turns: tuple[float, float, float], shift: tuple[float, float, float]
) -> None:
    turn = rotation(0, turns[0]) @ rotation(1, turns[1]) @ rotation(2, turns[2])
    grid = ROOT.grid((30.0,) * 3)
    here = DragSession(grid.to_image(np.zeros(grid.size_xyz[::-1], np.int16))).follow(POINTS)
    moved_grid = grid.turned(turn)
    middle = grid.index_to_lps((np.array(grid.size_xyz) - 1) / 2)
    there_image = moved_grid.to_image(np.zeros(grid.size_xyz[::-1], np.int16))
    there_image.SetOrigin((np.array(there_image.GetOrigin()) + shift).tolist())
    moved = {name: tuple((turn @ (np.array(p) - middle) + middle + shift).tolist()) for name, p in POINTS.items()}
    there = DragSession(there_image).follow(moved)
    for key in ("hinge_circle_diameter_mm", "lco_height_mm", "rco_height_mm", "septum_length_mm", "ms2_to_plane_mm"):
        assert there.quantities[key].value == pytest.approx(here.quantities[key].value, abs=1e-6), key
