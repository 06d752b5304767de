"""A picture says in words what it cannot show."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from builders.measured_scene import document
from fedkd.confidence import Confidence
from fedkd.measurement.document import finding_record
from fedkd.measurement.findings import Finding
from fedkd_slicer.captions import LEGEND, caption_of, point_name, point_name_and_distance
from fedkd_slicer.case_results import CaseResults
from fedkd_slicer.measured_case import MeasuredCase
from fedkd_slicer.view_plan import PlannedView
from fedkd_slicer.view_planes import axial_view


def case(**changes):
    positions = {name: np.zeros(3) for name in ("RCC", "LCC", "NCC", "RCO", "LCO", "MS1")}
    values = {
        "case_id": "c-1",
        "ct_file": Path("ct.nrrd"),
        "landmarks_file": Path("landmarks.mrk.json"),
        "calcification_file": Path("calcification.seg.nrrd"),
        "positions_ras_mm": positions,
        "confidences": {"RCC": Confidence(0.9, True), "LCC": Confidence(0.2, True)},
        "model_id": "student-1",
        "notes": (),
    }
    return CaseResults(**(values | changes))


def plan(title, *measurements):
    return PlannedView("x.png", title, axial_view(np.zeros(3)), 90.0, (), measurements)


def test_missing_and_doubtful_landmarks_and_no_calcium_are_said_in_words():
    caption = caption_of(case(), plan("Annulus"), has_calcification=False)
    assert caption.title == "Annulus"
    assert "c-1" in caption.source
    assert "student-1" in caption.source
    assert caption.remarks == ("Not found: MS2. Low confidence: LCC? (0.20). No calcification found.",)


def test_nothing_to_remark_is_no_remark():
    everything = case(positions_ras_mm={**case().positions_ras_mm, "MS2": np.zeros(3)}, confidences={})
    assert caption_of(everything, plan("x"), has_calcification=True).remarks == ()


def test_long_notes_are_wrapped_and_cut():
    caption = caption_of(case(notes=("word " * 200,)), plan("x"), has_calcification=True)
    assert len(caption.remarks) == 4
    assert max(map(len, caption.remarks)) <= 100
    assert "About these results" in caption.remarks[-1]


def test_points_beside_the_plane_say_how_far():
    assert point_name(case(), "LCC") == "LCC?"
    assert point_name_and_distance(case(), "RCC", 1.0) == "RCC"
    assert point_name_and_distance(case(), "RCC", -14.4) == "RCC 14 mm behind"
    assert point_name_and_distance(case(), "LCC", 3.0) == "LCC? 3 mm in front"


def test_long_names_stay_in_the_picture():
    caption = caption_of(case(case_id="c" * 128, model_id="m" * 128), plan("x"), has_calcification=True)
    assert len(caption.source) < 120
    assert "ccc..." in caption.source
    assert len(LEGEND) < 110


def test_the_numbers_of_a_view_are_written_below_it_each_whole_in_its_line():
    keys = ("annulus_area_mm2", "stj_diameter_mm", "annulus_perimeter_mm", "septum_risk_band", "lco_wall_height_mm")
    caption = caption_of(case(measured=MeasuredCase(document())), plan("x", *keys), has_calcification=True)
    assert caption.measured == (
        "Annulus area 800 mm²    Annulus perimeter 12.3 mm    Septum length band long (> 6 mm)",
        "Left coronary height along the sinus 12.3 mm",
    )


def test_a_view_without_any_number_says_why():
    caption = caption_of(case(measured=MeasuredCase(document())), plan("x", "stj_diameter_mm"), has_calcification=True)
    assert caption.measured == ("Sinotubular junction diameter: The plane leaves the image.",)


def test_warnings_are_written_on_every_picture_and_notes_are_not():
    caption = caption_of(case(measured=MeasuredCase(document())), plan("x"), has_calcification=True)
    assert "The annulus area is 800 mm²." in caption.remarks
    assert not any("thick" in remark for remark in caption.remarks)
    assert caption.measured == ()


def test_low_confidence_is_told_once():
    twice = finding_record(Finding("lcc_confidence_low", "warning", "LCC was found with a confidence of 0.20 only."))
    caption = caption_of(case(measured=MeasuredCase(document(findings=(twice,)))), plan("x"), has_calcification=True)
    assert caption.remarks == ("Not found: MS2. Low confidence: LCC? (0.20).",)


def test_landmarks_of_people_and_moved_ones_are_said():
    mine = MeasuredCase(document(landmark_source="file mine.mrk.json"))
    caption = caption_of(case(measured=mine, model_id=None, moved=("NCC",)), plan("x"), has_calcification=True)
    assert caption.source == "Case c-1    Model none"
    assert caption.remarks[0].startswith("Landmarks: file mine.mrk.json. Moved since measured: NCC. Measure again.")


def test_a_readers_corrections_are_said_and_the_model_alone_is_not_repeated():
    corrected = MeasuredCase(document(landmark_source="model student-1; corrected by a reader: RCC"))
    assert case(measured=corrected).landmark_source == "corrected by a reader: RCC"
    assert case(measured=MeasuredCase(document())).landmark_source is None
