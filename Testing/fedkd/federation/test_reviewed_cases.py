"""Cases of the panel: only what a reader accepted becomes a label, with the CT of the case's scene."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.report_case import POSITIONS_LPS_MM, ReportCase, write_prediction
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.reviewed_cases import import_reviewed
from fedkd.federation.site_data import survey_site
from fedkd.pointsets import read_points
from fedkd.review import open_review
from fedkd.review.document import ReviewDocument


def write_case(folder: Path, **changes: object) -> Path:
    """A predicted case with a scene; MS2 was not found."""
    write_prediction(folder, ReportCase(case_id=folder.name, missing=("MS2",)))
    low = np.min(list(POSITIONS_LPS_MM.values()), axis=0) - 10
    ct = sitk.GetImageFromArray(np.zeros((70, 80, 90), np.int16))
    ct.SetSpacing((1.0, 1.0, 1.0))
    ct.SetOrigin([float(value) for value in low])
    sitk.WriteImage(ct, str(folder / "packed.nrrd"))
    with zipfile.ZipFile(folder / "scene.mrb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "packed.nrrd", "scene/Data/ct.nrrd")
    (folder / "packed.nrrd").unlink()
    if changes:
        review = open_review(folder)
        (folder / "review.json").write_text(
            ReviewDocument.model_validate(review.model_dump() | changes).model_dump_json()
        )
    return folder


def accepted() -> dict[str, object]:
    landmarks = [
        {
            "label": name,
            "state": "missing" if name == "MS2" else "accepted",
            # The reader moved the point by a millimeter.
            "position_lps_mm": None if name == "MS2" else (place[0] + 1, place[1], place[2]),
        }
        for name, place in POSITIONS_LPS_MM.items()
    ]
    return {"decision": "accepted", "landmarks": landmarks}


def test_accepted_cases_become_labeled_ones_as_the_reader_left_them(tmp_path: Path) -> None:
    write_case(tmp_path / "panel" / "good", **accepted())
    write_case(tmp_path / "panel" / "unseen")
    write_case(tmp_path / "panel" / "rejected", decision="rejected", reason="motion")
    found = import_reviewed(tmp_path / "panel", tmp_path / "cases")
    assert found.cases == ("good",)
    assert {one.case: one.reason for one in found.refused} == {
        "rejected": "Its reader has not accepted it: it is rejected.",
        "unseen": "Nobody has reviewed it: its points are a model's.",
    }
    assert [path.name for path in (tmp_path / "cases").iterdir()] == ["good"]
    points = read_points(tmp_path / "cases" / "good" / "landmarks.mrk.json")
    by_label = {point.label: point.position_lps_mm for point in points.points}
    assert by_label["MS2"] is None
    assert by_label["RCC"] == pytest.approx(np.array(POSITIONS_LPS_MM["RCC"]) + [1, 0, 0])
    (one,) = survey_site(tmp_path / "cases").usable
    assert one.heads == {"hps", "ms"}
    assert import_reviewed(tmp_path / "panel", tmp_path / "cases").known == ("good",)


def test_case_without_its_ct_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (write_case(tmp_path / "panel" / "good", **accepted()) / "scene.mrb").unlink()
    found = import_reviewed(tmp_path / "panel", tmp_path / "cases")
    assert [one.case for one in found.refused] == ["good"]
    assert not list((tmp_path / "cases").glob("*"))


def test_points_of_a_model_are_no_labels_even_beside_a_ct(tmp_path: Path) -> None:
    case = write_case(tmp_path / "cases" / "predicted")
    sitk.WriteImage(sitk.Image(8, 8, 8, sitk.sitkInt16), str(case / "ct.nii.gz"))
    with pytest.raises(FedkdError, match="no labels before a reader accepts them"):
        survey_site(tmp_path / "cases")


def test_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FedkdError) as caught:
        import_reviewed(tmp_path, tmp_path / "cases")
    assert caught.value.code == ExitCode.INPUT_NOT_FOUND
