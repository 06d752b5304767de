"""The report says what a confidence is worth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from builders.calibrations import calibration
from builders.report_case import ReportCase, write_measurements, write_prediction
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.layout import MEASUREMENTS_FILE, PROVENANCE_FILE
from fedkd.confidence import Confidence
from fedkd.errors import FedkdError
from fedkd.report import write_report
from fedkd.report.reliability_plot import _sentences, reliability_plot

pytestmark = pytest.mark.usefixtures("no_browser")
HEADING = "What the confidence is worth"


def written(folder: Path, case: ReportCase) -> str:
    write_prediction(folder, case)
    write_measurements(folder, case)
    return again(folder)


def again(folder: Path) -> str:
    write_report(folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_plot_and_counts_are_those_of_the_cases_own_provenance(tmp_path: Path) -> None:
    html = written(tmp_path, ReportCase())
    assert HEADING in html
    assert "Off by more than 5 mm were 2 of 229 with high confidence, 8 of 65 with fair confidence" in html
    assert "Measured on 300 points of 43 synthetic CTs" in html
    assert "On real CTs the confidence can flatter" in html
    assert '<svg class="plot"' in html.split(HEADING)[1].split("</section>")[0]


def test_every_landmark_with_a_confidence_is_named_in_the_plot() -> None:
    drawn = reliability_plot(calibration(), {name: Confidence(0.9, is_calibrated=True) for name in LANDMARK_NAMES})
    description = re.search(r"<desc[^>]*>([^<]*)</desc>", drawn)
    assert description is not None
    assert all(f"{name} 0.90 (fair)" in description[1] for name in LANDMARK_NAMES)
    for one in calibration().held_out.bins:
        assert f"{one.near}/{one.points}" in drawn


def test_a_calibration_on_other_cases_is_not_called_synthetic() -> None:
    held = calibration().held_out.model_copy(update={"seeds": ()})
    last = _sentences(calibration(held_out=held))[-1]
    assert last.startswith("Measured on 300 points of 43 labeled CTs.")


def test_a_model_that_is_not_calibrated_is_said_to_be_so(tmp_path: Path) -> None:
    html = written(tmp_path, ReportCase(is_calibrated=False))
    assert "not calibrated 0.80" in re.sub(r"\s+", " ", html)
    assert "These confidences are not calibrated: nobody has measured what the numbers are worth." in html
    assert "Promised and observed" not in html


def test_without_any_confidence_there_is_no_section(tmp_path: Path) -> None:
    written(tmp_path, ReportCase())
    document = json.loads((tmp_path / MEASUREMENTS_FILE).read_text(encoding="utf-8"))
    for record in document["landmarks"].values():
        record["confidence"] = record["confidence_level"] = None
    (tmp_path / MEASUREMENTS_FILE).write_text(json.dumps(document), encoding="utf-8")
    assert HEADING not in again(tmp_path)


def test_a_calibration_that_cannot_be_one_is_damage(tmp_path: Path) -> None:
    written(tmp_path, ReportCase())
    document = json.loads((tmp_path / PROVENANCE_FILE).read_text(encoding="utf-8"))
    document["calibration"]["knots"][0]["probability"] = 0.99
    (tmp_path / PROVENANCE_FILE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(FedkdError, match="damaged"):
        again(tmp_path)
