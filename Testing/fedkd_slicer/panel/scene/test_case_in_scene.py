"""A case comes into the scene, is followed there, and goes without a trace."""

from __future__ import annotations

import numpy as np

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import LANDMARK_NAMES
from fedkd.geometry import LPS_TO_RAS


def test_the_case_is_in_the_scene_and_goes_without_a_trace(reading, case, ct) -> None:
    before = reading.names()
    reading.open(case, ct)
    positions = reading.desk.state.positions_lps_mm
    for index, label in enumerate(LANDMARK_NAMES):
        assert reading.node.GetNthControlPointLabel(index) == label
        np.testing.assert_array_equal(
            reading.node.GetNthControlPointPosition(index), np.array(positions[label]) * LPS_TO_RAS
        )
    assert reading.node.GetFixedNumberOfControlPoints()
    assert reading.node.GetAttribute("FedKD.Notice") == NOT_FOR_CLINICAL_USE
    assert len(reading.nodes("vtkMRMLSegmentationNode")) == 1
    reading.desk.close()
    assert [reading.scene.GetNodeByID(each).GetName() for each in reading.names() - before] == []
    assert reading.names() == before
    assert not reading.listening.texts
