"""A finished case whose pictures can be foretold: a tube of blood with a bright ball at every landmark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from builders.ct_images import FloatArray, image_of, rotation
from fedkd.anatomy import CALCIFICATION, LANDMARK_NAMES
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid
from fedkd.pointsets import LandmarkPoint, PointList, write_points

LOGIC = Path(__file__).resolve().parents[2] / "FedKDSlicer" / "Logic"
BALL_RADIUS_MM = 3.0
BALL_HU, BLOOD_HU, TISSUE_HU = 1000, 400, 40
CALCIUM_LPS_MM = np.array([3.0, 2.0, 605.0])
CALCIUM_RADIUS_MM = 3.0

# Around an axis through (0, 0, 600) that points right and up, as in people.
_CENTER = np.array([0.0, 0.0, 600.0])
_AXES = rotation(1, -25.0)  # columns: two directions across the axis, the axis itself, in LPS
_IN_ROOT_MM = {
    "RCC": (0.0, -12.0, 0.0),
    "LCC": (10.4, 6.0, 0.0),
    "NCC": (-10.4, 6.0, 0.0),
    "RCO": (2.0, -15.0, 16.0),
    "LCO": (14.0, 4.0, 14.0),
    "MS1": (-10.0, -7.0, -2.0),
    "MS2": (-10.0, -7.5, -10.0),
}
POSITIONS_LPS_MM: dict[str, FloatArray] = {name: _CENTER + _AXES @ np.array(p) for name, p in _IN_ROOT_MM.items()}
ROOT_AXIS_LPS: FloatArray = _AXES[:, 2]

_STRAIGHT = np.eye(3)
_OBLIQUE = rotation(0, 20.0) @ rotation(2, -35.0)
DIRECTIONS = {
    "straight": _STRAIGHT,
    "flipped": np.diag([-1.0, 1.0, -1.0]),
    "left-handed": np.diag([1.0, 1.0, -1.0]),
    "oblique": _OBLIQUE,
    "sagittal": _STRAIGHT[:, [1, 2, 0]],
}


@dataclass(frozen=True)
class SceneCase:
    """What a prediction would have left behind, and its CT."""

    folder: Path
    ct_file: Path
    names: tuple[str, ...]

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Make scene and views in a process of their own."""
        command = [sys.executable, "-m", "fedkd_slicer.build_scene", str(self.folder), "--ct", str(self.ct_file)]
        return subprocess.run([*command, *options], capture_output=True, text=True, env=environment(), timeout=300)


@dataclass(frozen=True)
class SceneCaseRecipe:
    """``orientation`` is a key of DIRECTIONS; ``missing`` are landmarks that were not found."""

    orientation: str = "straight"
    spacing_mm: tuple[float, float, float] = (1.0, 1.1, 1.3)
    missing: tuple[str, ...] = ()
    has_calcium: bool = True
    ct_name: str = "ct.nrrd"
    confidences: dict[str, float] = field(default_factory=lambda: {"MS2": 0.31})
    notes: tuple[str, ...] = ("The septum is hard to see.",)

    def make(self, folder: Path, case_id: str = "phantom-7") -> SceneCase:
        """Write the CT and the case folder below ``folder``."""
        grid = self._grid()
        case_folder = folder / ".partial-phantom-7-abc"
        case_folder.mkdir()
        ct_file = folder / self.ct_name
        sitk.WriteImage(image_of(_hu(grid), grid), str(ct_file))
        names = tuple(name for name in LANDMARK_NAMES if name not in self.missing)
        write_points(case_folder / "landmarks.mrk.json", self._points(names))
        calcium = _ball(grid, CALCIUM_LPS_MM, CALCIUM_RADIUS_MM).astype(np.uint8) * self.has_calcium
        write_segmentation(image_of(calcium, grid), (CALCIFICATION,), case_folder / "calcification.seg.nrrd")
        origin = {"case": case_id, "model": {"id": "student-1", "sha256": "0" * 64}, "notes": self.notes}
        (case_folder / "provenance.json").write_text(json.dumps(origin))
        return SceneCase(case_folder, ct_file, names)

    def _grid(self) -> Grid:
        direction = DIRECTIONS[self.orientation]
        size = np.ceil(100.0 / np.array(self.spacing_mm)).astype(int)
        half = direction @ (np.array(self.spacing_mm) * (size - 1) / 2)
        origin = _CENTER + (1.3, -0.7, 6.2) - half
        size_xyz = (int(size[0]), int(size[1]), int(size[2]))
        return Grid(size_xyz, self.spacing_mm, tuple(origin.tolist()), tuple(direction.ravel().tolist()))

    def _points(self, names: tuple[str, ...]) -> PointList:
        return PointList(
            tuple(
                LandmarkPoint(name, tuple(POSITIONS_LPS_MM[name].tolist()), self.confidences.get(name, 0.9))
                if name in names
                else LandmarkPoint(name, None)
                for name in LANDMARK_NAMES
            )
        )


def environment() -> dict[str, str]:
    """Environment in which a child finds our packages, and in which no display could help."""
    inherited = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return inherited | {"PYTHONPATH": os.pathsep.join([str(LOGIC), str(Path(__file__).resolve().parents[1])])}


def _lps_of_voxels(grid: Grid) -> FloatArray:
    k, j, i = np.meshgrid(*(np.arange(size) for size in grid.size_xyz[::-1]), indexing="ij")
    return grid.index_to_lps(np.stack([i, j, k], axis=-1))


def _ball(grid: Grid, center_lps_mm: FloatArray, radius_mm: float) -> np.ndarray:
    return np.linalg.norm(_lps_of_voxels(grid) - center_lps_mm, axis=-1) <= radius_mm


def _hu(grid: Grid) -> np.ndarray:
    offset = _lps_of_voxels(grid) - _CENTER
    along = offset @ ROOT_AXIS_LPS
    across = np.linalg.norm(offset - along[..., None] * ROOT_AXIS_LPS, axis=-1)
    # Edges as a scanner shows them, a millimeter wide: a voxel's center decides nothing alone.
    hu = TISSUE_HU + (BLOOD_HU - TISSUE_HU) * np.clip(13.5 - across, 0.0, 1.0)
    for center in POSITIONS_LPS_MM.values():
        distance = np.linalg.norm(offset + _CENTER - center, axis=-1)
        ball = np.clip(BALL_RADIUS_MM + 0.5 - distance, 0.0, 1.0)
        hu = hu + (BALL_HU - hu) * ball
    return np.rint(hu).astype(np.int16)
