"""A bundle, run by MONAI's own runner as a process of its own, gives the class maps that the network here gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from builders.tiny_models import STUDENT, tiny_model
from fedkd.backends.torch_backend import TorchBackend
from fedkd.errors import ExitCode, FedkdError
from fedkd.inference import probabilities_by_window
from fedkd.model_export.merged_network import merged_network
from fedkd.model_export.monai_bundle import export_monai_bundle
from fedkd.model_export.stages import NamedStage, stages_of
from fedkd.networks import PlainConvUNetSpec, UNETRSpec, build_network

RUNNER_NEEDS = ("fire", "ignite", "nibabel")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_monai_bundle(tiny_model(), tmp_path_factory.mktemp("export") / "bundle")


def test_merged_residual_unet_gives_the_logits_of_all_heads() -> None:
    assert_same_logits(stages_of(tiny_model())[1])


def test_merged_unetr_gives_the_logits_of_all_heads() -> None:
    network = UNETRSpec(heads={"hps": 6, "calc": 2}, patch_size=16, feature_size=8, hidden_size=48)
    spec = STUDENT.model_copy(update={"network": network, "patch_size": 16})
    assert_same_logits(NamedStage("student", spec, build_network(network).eval()))


def assert_same_logits(stage: NamedStage) -> None:
    x = torch.randn(1, 1, *(stage.spec.patch_size,) * 3, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        wanted = torch.cat(list(stage.network(x).values()), dim=1)
        assert torch.allclose(merged_network(stage)(x), wanted, atol=1e-5)


def test_bundle_has_what_a_bundle_has(bundle: Path) -> None:
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert files >= {
        "configs/metadata.json",
        "configs/inference.json",
        "configs/localizer.json",
        "models/model.pt",
        "models/localizer.pt",
        "docs/README.md",
        "LICENSE",
    }
    metadata = json.loads((bundle / "configs/metadata.json").read_text(encoding="utf-8"))
    outputs = metadata["network_data_format"]["outputs"]["pred"]
    assert outputs["num_channels"] == len(outputs["channel_def"]) == 11
    assert "Not for clinical use" in metadata["description"]
    assert "Not for clinical use" in (bundle / "docs/README.md").read_text(encoding="utf-8")


def test_weights_of_the_bundle_are_tensors_only(bundle: Path) -> None:
    assert torch.load(bundle / "models/model.pt", weights_only=True)


@pytest.mark.parametrize(("name", "config"), [("student", "inference"), ("localizer", "localizer")])
def test_monais_runner_gives_the_same_class_maps(bundle: Path, tmp_path: Path, name: str, config: str) -> None:
    for module in RUNNER_NEEDS:
        pytest.importorskip(module, reason="MONAI's bundle runner needs it")
    stage = next(stage for stage in stages_of(tiny_model()) if stage.name == name)
    ct_hu = small_ct(stage)
    write_ct(ct_hu, stage.spec.spacing_mm, tmp_path / "data" / "ct.nii.gz")
    run_bundle(bundle, config, tmp_path)
    runner = TorchBackend(torch.device("cpu")).prepare(stage.network, stage.spec)
    for head, probabilities in probabilities_by_window(runner, ct_hu, lambda: None).items():
        saved = sitk.ReadImage(str(tmp_path / "out" / f"ct_{head}.nii.gz"))
        assert saved.GetSize() == ct_hu.shape[::-1]
        found = sitk.GetArrayFromImage(saved)
        ordered = np.sort(probabilities, axis=0)
        sure = ordered[-1] - ordered[-2] > 1e-3
        assert sure.mean() > 0.95
        assert (found == probabilities.argmax(axis=0))[sure].all(), head


def small_ct(stage: NamedStage) -> np.ndarray:
    """One patch, smaller than that along x, of which no axis or direction can be taken for another."""
    side = stage.spec.patch_size
    noise = np.random.default_rng(3).normal(150, 200, (side, side, side - 5))
    return np.clip(noise + np.linspace(-400, 400, side)[:, None, None], -1024, 2000).astype(np.int16)


def write_ct(ct_hu: np.ndarray, spacing_mm: float, path: Path) -> None:
    image = sitk.GetImageFromArray(ct_hu)
    image.SetSpacing((spacing_mm,) * 3)
    image.SetOrigin((-30.0, 20.0, 700.0))
    path.parent.mkdir()
    sitk.WriteImage(image, str(path))


def run_bundle(bundle: Path, config: str, folder: Path) -> None:
    arguments = ["--bundle_root", ".", "--config_file", f"configs/{config}.json"]
    arguments += ["--dataset_dir", str(folder / "data"), "--output_dir", str(folder / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "monai.bundle", "run", *arguments],
        cwd=bundle,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_existing_folder_is_left_alone(bundle: Path) -> None:
    with pytest.raises(FedkdError) as caught:
        export_monai_bundle(tiny_model(), bundle)
    assert caught.value.code == ExitCode.CASE_EXISTS


def test_network_that_monai_lacks_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    network = PlainConvUNetSpec(heads={"hps": 6, "ms": 3, "calc": 2}, filters=(4, 8), strides=((1, 1, 1), (2, 2, 2)))
    spec = STUDENT.model_copy(update={"network": network, "patch_size": 16})
    with pytest.raises(FedkdError) as caught:
        export_monai_bundle(tiny_model(spec), tmp_path / "bundle")
    assert caught.value.code == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []
