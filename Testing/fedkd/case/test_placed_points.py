from __future__ import annotations

from dataclasses import replace

from fedkd.case.placed_points import first_records, later_records, seven_landmarks, source_of, trusted
from fedkd.pointsets import LandmarkPoint, PointList

FIRST = seven_landmarks(
    PointList(
        (
            LandmarkPoint("RCC", (1.0, 2.0, 3.0), 0.9, spread_mm=0.7, is_calibrated=True),
            LandmarkPoint("LCC", (4.0, 5.0, 6.0), 0.8),
        )
    )
)


def changed(**points: tuple[float, float, float] | None) -> PointList:
    """The points as a reader left them, who does not touch the model's confidence."""
    return PointList(tuple(replace(p, position_lps_mm=points.get(p.label, p.position_lps_mm)) for p in FIRST))


def test_untouched_points_stay_the_models() -> None:
    records = first_records(FIRST, "model")
    again = later_records(records, FIRST, "model")
    assert again == records
    assert source_of(again, "model m") == "model m"
    assert [record.placed_by for record in again][:3] == ["model", "model", None]


def test_rounding_in_files_is_no_correction() -> None:
    again = later_records(first_records(FIRST, "model"), changed(RCC=(1.0004, 2.0, 3.0)), "model")
    assert again[0].placed_by == "model"


def test_moved_added_and_removed_points_are_the_readers() -> None:
    now = changed(RCC=(1.0, 2.0, 4.0), LCC=None, MS1=(0.0, 0.0, 0.0))
    records = later_records(first_records(FIRST, "model"), now, "model")
    by_label = {record.label: record for record in records}
    assert by_label["RCC"].placed_by == by_label["MS1"].placed_by == "reader"
    assert by_label["RCC"].confidence is by_label["RCC"].spread_mm is None
    assert by_label["RCC"].confidence_level is None
    assert by_label["RCC"].first_lps_mm == (1.0, 2.0, 3.0)
    assert by_label["LCC"].placed_by is None
    assert source_of(records, "model m") == "model m; corrected by a reader: RCC, LCC, MS1"
    assert trusted(now, records)["RCC"].confidence is trusted(now, records)["RCC"].spread_mm is None
    assert trusted(FIRST, first_records(FIRST, "model")) == FIRST


def test_a_point_moved_back_is_the_models_again() -> None:
    moved = later_records(first_records(FIRST, "model"), changed(RCC=(9.0, 9.0, 9.0)), "model")
    assert later_records(moved, FIRST, "model")[0].placed_by == "model"
