"""The embedded model, exported by the command, gives elsewhere the class maps that it gives here, voxel by voxel.

A class may differ only where the two likeliest are equally likely but for the last digits.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import SimpleITK as sitk
import torch

from builders.phantom_cts import clinical_phantom
from fedkd.backends import HeadProbabilities
from fedkd.backends.torch_backend import TorchBackend
from fedkd.geometry import Grid
from fedkd.inference import crop_array, normalize, probabilities_by_window
from fedkd.model_export.stages import NamedStage, stages_of
from fedkd.models import load_model
from fedkd.volumes import covering_grid

CONFIGS = {"student": "inference", "localizer": "localizer"}
LEAST_EQUAL = 0.9999
# No voxel of which the network is this sure may get another class.
SURE_BY = 1e-3

STAGES = {stage.name: stage for stage in stages_of(load_model())}


@dataclass(frozen=True)
class Seen:
    """A CT on a stage's voxels, (z, y, x), and what the stage makes of it here."""

    stage: NamedStage
    ct_hu: npt.NDArray[np.int16]
    maps: HeadProbabilities


@pytest.fixture(scope="module", params=sorted(CONFIGS))
def seen(request: pytest.FixtureRequest) -> Seen:
    """The whole heart in coarse voxels for the localizer; the root and a patch's half beside it for the student."""
    stage = STAGES[request.param]
    phantom = clinical_phantom(987_654)
    ct = phantom.grid.to_image(phantom.ct)
    grid = covering_grid(phantom.grid, stage.spec.spacing_mm)
    if stage.name == "student":
        center = np.mean(list(phantom.points.values()), axis=0)
        side = stage.spec.patch_size
        # More than one patch along z, fewer voxels than a patch along x: merging and padding take part.
        grid = Grid.centered(center, (side - 7, side, side + side // 2), stage.spec.spacing_mm)
    ct_hu = crop_array(ct, grid)
    runner = TorchBackend(torch.device("cpu")).prepare(stage.network, stage.spec)
    return Seen(stage, ct_hu, probabilities_by_window(runner, ct_hu, lambda: None))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported("monai-bundle", tmp_path_factory.mktemp("export") / "bundle")


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("onnx", "onnxscript"):
        pytest.importorskip(module, reason="writing ONNX needs it")
    return exported("onnx", tmp_path_factory.mktemp("export") / "onnx")


def exported(kind: str, folder: Path) -> Path:
    run("fedkd", "model", "export", "embedded", str(folder), "--format", kind)
    return folder


def run(module: str, *arguments: str, folder: Path | None = None) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_monais_runner_gives_the_same_class_maps(bundle: Path, seen: Seen, tmp_path: Path) -> None:
    for module in ("fire", "ignite", "nibabel"):
        pytest.importorskip(module, reason="MONAI's bundle runner needs it")
    spacing = (seen.stage.spec.spacing_mm,) * 3
    (tmp_path / "data").mkdir()
    image = Grid(seen.ct_hu.shape[::-1], spacing, (-30.0, 20.0, 700.0)).to_image(seen.ct_hu)
    sitk.WriteImage(image, str(tmp_path / "data" / "ct.nii.gz"))
    config = ["--config_file", f"configs/{CONFIGS[seen.stage.name]}.json", "--bundle_root", "."]
    folders = ["--dataset_dir", str(tmp_path / "data"), "--output_dir", str(tmp_path / "out")]
    run("monai.bundle", "run", *config, *folders, folder=bundle)
    for head in seen.stage.spec.network.heads:
        found = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out" / f"ct_{head}.nii.gz")))
        assert_same_classes(found, seen.maps[head], head)


def test_onnxruntime_gives_the_same_class_maps(graphs: Path, seen: Seen) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="it runs the graphs")
    spec = seen.stage.spec
    session = onnxruntime.InferenceSession(str(graphs / f"{seen.stage.name}.onnx"), providers=["CPUExecutionProvider"])
    patch = normalize(middle_patch(seen.ct_hu, spec.patch_size), spec.normalization)[None, None]
    found = session.run(None, {"patch": patch})
    wanted = TorchBackend(torch.device("cpu")).prepare(seen.stage.network, spec).probabilities(patch)
    for (head, probabilities), logits in zip(wanted.items(), found, strict=True):
        assert_same_classes(logits[0].argmax(axis=0), probabilities[0], head)


def middle_patch(ct_hu: npt.NDArray[np.int16], side: int) -> npt.NDArray[np.int16]:
    """The middle of the CT, with air around it where the CT is smaller."""
    whole = np.full((side,) * 3, -1024, np.int16)
    inner = ct_hu[tuple(slice(max(0, (size - side) // 2), max(0, (size - side) // 2) + side) for size in ct_hu.shape)]
    whole[tuple(slice(0, size) for size in inner.shape)] = inner
    return whole


def assert_same_classes(found: np.ndarray, probabilities: npt.NDArray[np.float32], head: str) -> None:
    assert found.shape == probabilities.shape[1:]
    same = found == probabilities.argmax(axis=0)
    print(f"{head}: {same.mean():.6%} of {same.size} voxels, {int((probabilities.argmax(axis=0) > 0).sum())} marked")
    assert (probabilities.argmax(axis=0) > 0).any(), f"{head} sees nothing here: there is nothing to compare"
    assert same.mean() >= LEAST_EQUAL, head
    ordered = np.sort(probabilities, axis=0)
    assert same[ordered[-1] - ordered[-2] > SURE_BY].all(), head
