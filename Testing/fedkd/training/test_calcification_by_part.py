"""Calcification told apart by cusp is calcification to a training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import CALCIFIED_PARTS
from fedkd.case.segmentation_file import write_segmentation
from fedkd.training.cases import TrainingCase
from fedkd.training.prepared import Preparation, prepare_case


def test_every_part_is_calcification_at_its_own_size(tmp_path: Path) -> None:
    voxels = np.zeros((12, 12, 12), np.uint8)
    voxels[2:5, 2:5, 2:5], voxels[7:10, 7:10, 7:10] = 1, 4
    label_map = sitk.GetImageFromArray(voxels)
    label_map.SetSpacing((4.0, 4.0, 4.0))
    write_segmentation(label_map, tuple(CALCIFIED_PARTS.values()), tmp_path / "calcification.seg.nrrd")
    hu = np.where(voxels > 0, 900, np.random.default_rng(0).integers(-1000, 500, voxels.shape)).astype(np.int16)
    ct = sitk.GetImageFromArray(hu)
    ct.CopyInformation(label_map)
    sitk.WriteImage(ct, str(tmp_path / "ct.nrrd"))
    case = TrainingCase("a", tmp_path / "ct.nrrd", None, None, None, tmp_path / "calcification.seg.nrrd", None)
    prepared = prepare_case(case, Preparation(2.0, None))
    assert prepared.calcification is not None
    assert set(np.unique(prepared.calcification)) == {0, 1}
    low, high = prepared.calcification[:12].sum(), prepared.calcification[12:].sum()
    assert low == high > 0
