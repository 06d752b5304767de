"""Marks of calcium outlive thresholds; a reader's edit replaces them and is known as a reader's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import CALCIFIED_PARTS
from fedkd.case.layout import CALCIFICATION_FILE
from fedkd.case.marked_calcium import CalciumMarks, read_marks, write_calcium
from fedkd.case.provenance import MeasurementRecord, ModelRecord, Provenance
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid

GRID = Grid((6, 7, 8), (0.4, 0.4, 0.7), (10.0, -20.0, 30.0))
SEEN = np.zeros((8, 7, 6), np.uint8)
SEEN[2:6, 2:6, 2:5] = 1
MEASURED = SEEN.copy()
MEASURED[2:4] *= 3
MEASURED[5] = 0


def provenance(written: str) -> Provenance:
    record = MeasurementRecord(
        status="made",
        landmarks="a model",
        calcium_threshold="850",
        calcification_sha256=written,
        measured_utc=datetime.now(UTC),
    )
    return Provenance.model_construct(measurement=record, model=ModelRecord(id="m", sha256="0" * 64))


def voxels(marks: CalciumMarks | None) -> np.ndarray:
    assert marks is not None
    return sitk.GetArrayFromImage(marks.image)


def test_what_the_model_marked_is_kept_beside_what_was_measured(tmp_path: Path) -> None:
    written = write_calcium(tmp_path, GRID, GRID.to_image(MEASURED), CalciumMarks(GRID.to_image(SEEN)))
    again = read_marks(tmp_path, provenance(written), GRID)
    assert np.array_equal(voxels(again), SEEN)
    assert not again.by_reader


def test_an_edited_file_is_the_readers_and_stays_so(tmp_path: Path) -> None:
    written = write_calcium(tmp_path, GRID, GRID.to_image(MEASURED), CalciumMarks(GRID.to_image(SEEN)))
    erased = MEASURED.copy()
    erased[:, :3] = 0
    write_segmentation(GRID.to_image(erased), tuple(CALCIFIED_PARTS.values()), tmp_path / CALCIFICATION_FILE)
    marks = read_marks(tmp_path, provenance(written), GRID)
    assert marks.by_reader
    assert np.array_equal(voxels(marks), erased != 0)

    written = write_calcium(tmp_path, GRID, GRID.to_image(erased), marks)
    again = read_marks(tmp_path, provenance(written), GRID)
    assert again.by_reader
    assert np.array_equal(voxels(again), erased != 0)
