"""Somebody follows Docs/tutorial.md to the letter: every step of it, and nothing that is not written there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import SimpleITK as sitk

from builders.soft_root import ROOT, soft_ct
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS
from fedkd.pointsets import read_points
from harness.fixtures import SlicerApp, slicer_app
from walkthrough import annotate_steps, other_steps, predict_steps
from walkthrough.step import follow
from walkthrough.tutorial_text import REPOSITORY, TUTORIAL_FILE, written_steps
from walkthrough.visitor import NoCamera, Visitor

__all__ = ["slicer_app"]


@pytest.fixture
def visitor(slicer_app: SlicerApp, tmp_path: Path) -> Visitor:
    home = tmp_path / "home"
    home.mkdir()
    return Visitor(slicer_app, home, NoCamera())


def test_a_sample_ct_becomes_an_accepted_case(visitor: Visitor) -> None:
    follow(written_steps(predict_steps.PART), predict_steps.STEPS, visitor)
    _assert_accepted_and_exported(visitor)


def test_a_real_ct_becomes_an_accepted_case(visitor: Visitor, shared_data: Path) -> None:
    ct = Path(shutil.copy(shared_data / "real_ct" / "contrast_ct.nii.gz", visitor.home / "contrast_ct.nii.gz"))
    (instead,) = written_steps(predict_steps.OWN_CT_PART)
    written = [
        instead if each.title == predict_steps.SAMPLE_STEP else each for each in written_steps(predict_steps.PART)
    ]
    follow(tuple(written), predict_steps.steps_with_own_ct(ct), visitor)
    _assert_accepted_and_exported(visitor)


def test_an_observer_reads_blind(visitor: Visitor) -> None:
    cts = visitor.home / "cts"
    cts.mkdir()
    for name, noise in (("c01", 5.0), ("c02", 10.0)):
        sitk.WriteImage(soft_ct(noise_hu=noise).image, str(cts / f"{name}.nii.gz"))
    reading = annotate_steps.BlindReading(cts, ROOT.landmarks_lps_mm())
    follow(written_steps(annotate_steps.PART), reading.steps(), visitor)
    (folder,) = [file.parent for file in visitor.home.rglob("reading.json")]
    found = {}
    for name in ("hps.mps", "ms.mps"):
        found |= read_points(folder / name).defined_positions_lps_mm()
    for label in LANDMARK_NAMES:
        assert found[label] == pytest.approx(reading.hits_ras_mm[label] * LPS_TO_RAS, abs=1e-6), label


def test_every_picture_of_the_tutorial_is_there_and_none_is_left_over() -> None:
    parts = (
        predict_steps.PART,
        predict_steps.OWN_CT_PART,
        other_steps.PART,
        annotate_steps.PART,
        other_steps.IMPORT_PART,
    )
    told = {name for part in parts for step in written_steps(part) for name in step.pictures}
    folder = REPOSITORY / "Docs" / "Screenshots"
    assert told == {file.stem for file in folder.glob("panel_*.png")}
    # Fewer colors than these pictures have would be smaller, but change those of the landmarks.
    assert sum(file.stat().st_size for file in folder.glob("panel_*.png")) < 5_000_000


def test_the_steps_are_numbered_one_after_the_other() -> None:
    numbers = [line.split(".")[0] for line in TUTORIAL_FILE.read_text().splitlines() if line.startswith("### ")]
    predicted, read = len(predict_steps.STEPS), len(written_steps(annotate_steps.PART))
    counted = [f"### {number}" for part in (predicted, read) for number in range(1, part + 1)]
    assert [each for each in numbers if each[4:].isdigit()] == counted


def _assert_accepted_and_exported(visitor: Visitor) -> None:
    """What was exported is accepted by the reader, and its files hold the same points."""
    (case,) = (visitor.home / predict_steps.EXPORTED).iterdir()
    review = json.loads((case / "review.json").read_text())
    assert review["decision"] == "accepted"
    assert {event["reader"] for event in review["events"]} == {"R1"}
    landmarks = read_points(case / "landmarks.mrk.json").defined_positions_lps_mm()
    assert set(landmarks) == set(LANDMARK_NAMES)
    for name in ("hps.mps", "ms.mps"):
        for label, position in read_points(case / name).defined_positions_lps_mm().items():
            assert position == pytest.approx(landmarks[label], abs=1e-6), label
    for reviewed in review["landmarks"]:
        assert reviewed["state"] == "accepted", reviewed["label"]
        assert reviewed["position_lps_mm"] == pytest.approx(landmarks[reviewed["label"]], abs=1e-6), reviewed["label"]
