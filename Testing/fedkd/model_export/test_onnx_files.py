"""Exported graphs, run by onnxruntime, give the class maps that the networks here give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from builders.tiny_models import STUDENT, tiny_model
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.errors import ExitCode, FedkdError
from fedkd.model_export.onnx_files import export_onnx
from fedkd.model_export.stages import stages_of
from fedkd.models.card import Normalization

onnx = pytest.importorskip("onnx", reason="writing ONNX needs it")
onnxruntime = pytest.importorskip("onnxruntime", reason="it runs the graphs")
pytest.importorskip("onnxscript", reason="writing ONNX needs it")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "onnx"
    paths = export_onnx(tiny_model(), folder)
    assert sorted(path.name for path in paths) == ["localizer.onnx", "student.onnx"]
    assert all(path.is_file() for path in paths)
    return folder


def test_onnxruntime_gives_the_same_class_maps(exported: Path) -> None:
    for stage in stages_of(tiny_model()):
        side = stage.spec.patch_size
        x = torch.randn(1, 1, side, side, side, generator=torch.Generator().manual_seed(2))
        session = onnxruntime.InferenceSession(str(exported / f"{stage.name}.onnx"), providers=["CPUExecutionProvider"])
        assert [output.name for output in session.get_outputs()] == list(stage.spec.network.heads)
        found = session.run(None, {"patch": x.numpy()})
        with torch.inference_mode():
            wanted = stage.network(x)
        for (head, logits), values in zip(wanted.items(), found, strict=True):
            assert np.abs(values - logits.numpy()).max() < 1e-3, head
            ordered = logits.sort(dim=1).values[0]
            sure = (ordered[-1] - ordered[-2]).numpy() > 2e-3
            assert (values.argmax(axis=1)[0] == logits.argmax(dim=1)[0].numpy())[sure].all(), head


def test_graph_says_how_to_use_it(exported: Path) -> None:
    properties = {entry.key: entry.value for entry in onnx.load(exported / "student.onnx").metadata_props}
    assert properties["model_id"] == "tiny"
    assert properties["notice"] == NOT_FOR_CLINICAL_USE
    assert json.loads(properties["spacing_mm"]) == STUDENT.spacing_mm
    assert Normalization.model_validate_json(properties["normalization"]) == STUDENT.normalization
    assert json.loads(properties["classes"])["hps"][1] == "RCC"


def test_existing_folder_is_left_alone(exported: Path) -> None:
    with pytest.raises(FedkdError) as caught:
        export_onnx(tiny_model(), exported)
    assert caught.value.code == ExitCode.CASE_EXISTS
