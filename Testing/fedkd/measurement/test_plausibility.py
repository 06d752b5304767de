"""Findings: what is unusual is said, with value, range and source; what is usual is not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from builders.soft_root import ROOT
from fedkd.confidence import Confidence
from fedkd.geometry import Grid
from fedkd.measurement.angles import CArmView
from fedkd.measurement.findings import Finding
from fedkd.measurement.from_landmarks import measure_landmarks
from fedkd.measurement.plausibility import Evidence, findings
from fedkd.measurement.quantity import Quantity
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.sheet import Sheet

Point = tuple[float, float, float]
POINTS: dict[str, Point] = ROOT.landmarks_lps_mm()
GRID = ROOT.grid((0.8, 0.8, 0.8))
ALWAYS = {"motion_not_judged"}


def found(
    points: Mapping[str, Point] = POINTS,
    *,
    grid: Grid = GRID,
    confidences: Mapping[str, Confidence] | None = None,
    values: Mapping[str, float] | None = None,
    views: Mapping[str, CArmView] | None = None,
) -> dict[str, Finding]:
    landmarks = RootLandmarks.of(points, grid)
    sheet = Sheet()
    shapes = measure_landmarks(landmarks, sheet)
    quantities = sheet.quantities | {key: Quantity(key, value) for key, value in (values or {}).items()}
    evidence = Evidence(quantities, landmarks, confidences or {}, views or shapes.named_views)
    return {finding.code: finding for finding in findings(evidence)}


def raised(name: str, by_mm: float) -> dict[str, Point]:
    """The landmarks, one of them moved along the root's axis."""
    x, y, z = (np.array(POINTS[name]) + by_mm * ROOT.plane.normal_lps).tolist()
    return POINTS | {name: (x, y, z)}


def test_a_usual_root_has_no_findings() -> None:
    assert set(found()) == ALWAYS


def test_motion_is_said_not_to_be_judged() -> None:
    assert found()["motion_not_judged"].severity == "note"


def test_cusps_in_the_wrong_order() -> None:
    swapped = POINTS | {"LCC": POINTS["NCC"], "NCC": POINTS["LCC"]}
    assert found(swapped)["cusp_order"].severity == "warning"
    without_ostia = {name: point for name, point in swapped.items() if name not in ("LCO", "RCO")}
    assert "cusp_order" in found(without_ostia)


def test_cusps_called_by_each_others_names_in_the_right_order() -> None:
    turned = POINTS | {"RCC": POINTS["LCC"], "LCC": POINTS["NCC"], "NCC": POINTS["RCC"]}
    assert {"rco_over_other_cusp", "lco_over_other_cusp"} <= set(found(turned))


@pytest.mark.parametrize(
    ("points", "code", "value"),
    [
        (raised("RCO", -20.0), "rco_below_plane", -4.0),
        (raised("LCO", -6.0), "lco_height_mm_out_of_range", 7.5),
        (raised("MS1", -7.0), "septum_upside_down", -1.0),
        (raised("MS2", 4.5), "ms2_to_plane_mm_out_of_range", -2.0),
    ],
)
def test_points_in_wrong_heights(points: dict[str, Point], code: str, value: float) -> None:
    if code == "ms2_to_plane_mm_out_of_range":
        assert code not in found(points), "-2 mm is usual"
        return
    finding = found(points)[code]
    assert finding.value == pytest.approx(value, abs=0.01)
    assert finding.source


def test_septum_beside_its_place() -> None:
    moved = POINTS | {"MS1": ROOT.at(np.deg2rad(140), 12.0, -1.0)}
    assert found(moved)["ms1_beside_septum"].severity == "warning"


def test_hinge_circle_far_too_wide_is_a_warning() -> None:
    middle = np.array(ROOT.plane.center_lps_mm)
    wide = {name: tuple((middle + 1.8 * (np.array(POINTS[name]) - middle)).tolist()) for name in ("RCC", "LCC", "NCC")}
    finding = found(POINTS | wide)["hinge_circle_diameter_mm_out_of_range"]
    assert finding.severity == "warning"
    assert (finding.low, finding.high) == (18.9, 32.5)
    assert "43.0 mm" in finding.text
    assert "18.9" in finding.text


@pytest.mark.parametrize(("hu", "severity"), [(240.0, "warning"), (620.0, "note"), (300.0, None)])
def test_contrast(hu: float, severity: str | None) -> None:
    finding = found(values={"lumen_mean_hu": hu}).get("lumen_mean_hu_out_of_range")
    assert (finding.severity if finding else None) == severity


@pytest.mark.parametrize(("slice_mm", "severity"), [(0.8, None), (1.0, None), (1.5, "note"), (2.0, "warning")])
def test_thick_slices(slice_mm: float, severity: str | None) -> None:
    finding = found(grid=ROOT.grid((0.5, 0.5, slice_mm))).get("voxels_large")
    assert (finding.severity if finding else None) == severity


def test_low_confidence_of_a_point_that_is_there() -> None:
    low = found(confidences={"RCC": Confidence(0.3, True), "LCC": Confidence(0.8, True)})
    assert low["rcc_confidence_low"].value == 0.3
    assert low["rcc_confidence_low"].text == "RCC was found with low confidence, 0.30. Check it."
    assert "lcc_confidence_low" not in low


def test_low_confidence_that_is_not_calibrated_is_a_finding_that_says_so() -> None:
    low = found(confidences={"RCC": Confidence(0.3), "LCC": Confidence(0.8)})
    assert "0.30 only, which is not calibrated" in low["rcc_confidence_low"].text
    assert "not calibrated" in low["rcc_confidence_low"].source
    assert "lcc_confidence_low" not in low


def test_missing_and_far_points() -> None:
    codes = found({**{n: p for n, p in POINTS.items() if n != "MS1"}, "LCO": (900.0, 0.0, 0.0)})
    assert {"ms1_missing", "lco_outside_ct"} <= set(codes)


def test_views_that_no_c_arm_reaches() -> None:
    finding = found(views={"cusp overlap": CArmView(-20.0, -52.0)})["cusp_overlap_out_of_reach"]
    assert (finding.value, finding.low, finding.high) == (-52.0, -40.0, 40.0)


def test_uneven_hinge_points() -> None:
    near = np.deg2rad(90.0)
    assert "rcc_lcc_gap" in found(POINTS | {"LCC": ROOT.at(near, 12.0, 0.0)})


def test_warnings_come_first() -> None:
    order = [one.severity for one in found(raised("RCO", -20.0), grid=ROOT.grid((1.2, 1.2, 1.2))).values()]
    assert order == sorted(order, reverse=True)


def test_an_angle_just_outside_is_not_written_as_one_within() -> None:
    center = np.mean([POINTS[name] for name in ("RCC", "LCC", "NCC")], axis=0)
    on_circle = {name: _around(center, angle) for name, angle in (("RCC", 0.0), ("LCC", 101.7), ("NCC", 240.0))}
    assert "101.7" in found(POINTS | on_circle)["rcc_lcc_gap"].text


def _around(center: np.ndarray, degrees: float) -> Point:
    axis = ROOT.plane.normal_lps
    first = np.cross(axis, [0.0, 0.0, 1.0])
    first /= np.linalg.norm(first)
    angle = np.radians(degrees)
    x, y, z = center + 12.0 * (np.cos(angle) * first + np.sin(angle) * np.cross(axis, first))
    return float(x), float(y), float(z)
