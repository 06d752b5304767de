"""Checkpoints of the study's code through the predictor that ``fedkd predict`` runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from typer.testing import CliRunner

from builders.ct_images import ct_image, image_of
from builders.reference_checkpoints import UNetShape, multi_head_unet, save
from fedkd.cli import app
from fedkd.cohort.messages import CaseRequest, RunRequest
from fedkd.cohort.predictor import NetworkPredictor
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.models import add_model
from fedkd.models.convert import Naming, convert_checkpoint
from fedkd.prediction import study_prediction
from fedkd.progress import silent
from fedkd.volumes import CtSource, CtVolume

GRID = Grid((60, 50, 40), (2.0, 2.0, 2.5), (-60.0, -84.0, 485.0))
SHAPE = UNetShape(filters=(2, 2), strides=((1, 1, 1), (2, 2, 2)), in_channels=2)


@pytest.fixture(scope="module")
def conditioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(6)
    return save(multi_head_unet(SHAPE).state, tmp_path_factory.mktemp("checkpoint") / "conditioned.pt")


@pytest.fixture(scope="module")
def ct() -> CtVolume:
    return CtVolume(ct_image(GRID), CtSource(Path("ct.nii.gz"), "nifti", "0" * 64))


def request(tmp_path: Path, **chosen: object) -> RunRequest:
    cases = (CaseRequest(case_id="one", path=tmp_path / "ct.nii.gz"),)
    return RunRequest.model_validate(
        {"output": tmp_path, "run_token": "token", "cases": cases, "device": "cpu", **chosen}
    )


def test_labels_from_a_file_center_the_cube_and_stand_in_the_provenance(
    conditioned: Path, ct: CtVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_prediction, "CUBE_VOXELS", 96)
    monkeypatch.setenv("PATH", str(tmp_path))  # no TotalSegmentator
    parts = np.zeros(GRID.size_xyz[::-1], np.uint8)
    parts[25:35, 20:30, 20:40] = 30
    sitk.WriteImage(image_of(parts, GRID), str(tmp_path / "parts.nrrd"))
    chosen = {"heart_labels": tmp_path / "parts.nrrd", "heart_labels_map": "30=left ventricle"}
    predictor = NetworkPredictor(request(tmp_path, models=[conditioned], **chosen))
    prediction = predictor.predict(ct, None, silent)
    assert predictor.model.model_id == "conditioned"
    assert prediction.heart_source == "heart labels from file parts.nrrd by the mapping given"


def test_name_of_a_model_in_the_users_folder_is_enough(
    conditioned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDKD_MODELS", str(tmp_path / "models"))
    convert_checkpoint(conditioned, tmp_path / "package", Naming("site-seven"))
    add_model(tmp_path / "package")
    predictor = NetworkPredictor(request(tmp_path, models=[Path("site-seven")]))
    assert predictor.model.model_id == "site-seven"
    with pytest.raises(FedkdError) as caught:
        NetworkPredictor(request(tmp_path, models=[Path("site-eight")]))
    assert caught.value.code is ExitCode.MODEL_NOT_FOUND


def test_labels_that_a_model_does_not_take_and_mappings_that_map_nothing_are_refused(
    conditioned: Path, tmp_path: Path
) -> None:
    for chosen in (
        {"heart_labels": tmp_path / "parts.nrrd"},
        {"heart_labels": tmp_path / "parts.nrrd", "heart_labels_map": "30=spleen", "models": [conditioned]},
    ):
        with pytest.raises(FedkdError) as caught:
            NetworkPredictor(request(tmp_path, **chosen))
        assert caught.value.code is ExitCode.USAGE


def test_command_refuses_labels_that_are_not_there(tmp_path: Path) -> None:
    sitk.WriteImage(ct_image(), str(tmp_path / "ct.nii.gz"))
    options = ["--output", str(tmp_path / "out"), "--heart-labels", str(tmp_path / "nowhere.nrrd")]
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "ct.nii.gz"), *options])
    assert result.exit_code == ExitCode.INPUT_NOT_FOUND
