"""Every finding that can be made is shown beside the landmarks it speaks of."""

from __future__ import annotations

import re

import pytest

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.measurement.catalog import BY_KEY
from fedkd.measurement.concerned import concerned_landmarks


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("rco_missing", ("RCO",)),
        ("ms1_outside_ct", ("MS1",)),
        ("ncc_confidence_low", ("NCC",)),
        ("lco_below_plane", ("LCO",)),
        ("ms2_beside_septum", ("MS2",)),
        ("rcc_lcc_gap", ("RCC", "LCC")),
        ("septum_upside_down", ("MS1", "MS2")),
        ("cusp_order", ("RCC", "LCC", "NCC", "RCO", "LCO")),
        ("hinge_points_in_line", ("RCC", "LCC", "NCC")),
        ("rco_over_other_cusp", ("RCC", "LCC", "NCC", "RCO")),
        ("three_cusp_out_of_reach", ("RCC", "LCC", "NCC")),
        ("annulus_area_mm2_out_of_range", ("RCC", "LCC", "NCC")),
        ("lco_height_mm_out_of_range", ("LCO",)),
        ("septum_length_mm_out_of_range", ("MS1", "MS2")),
        ("ms1_to_plane_mm_out_of_range", ("MS1",)),
        ("stj_diameter_mm_out_of_range", ()),
        ("lumen_mean_hu_out_of_range", ()),
        ("motion_not_judged", ()),
        ("voxels_large", ()),
        ("unheard_of", ()),
    ],
)
def test_a_finding_is_shown_beside_its_landmarks(code: str, expected: tuple[str, ...]) -> None:
    assert concerned_landmarks(code) == expected


@pytest.mark.parametrize("key", [key for key, one in BY_KEY.items() if one.published is not None])
def test_no_measurement_is_laid_to_a_landmark_it_does_not_rest_on(key: str) -> None:
    about = concerned_landmarks(f"{key}_out_of_range")
    assert set(about) <= set(BY_KEY[key].inputs)
    named = {name for name in LANDMARK_NAMES if re.search(rf"\b{name}\b", key.upper().replace("_", " "))}
    assert named <= set(about) or not about
