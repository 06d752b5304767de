"""A case folder as ``fedkd measure`` makes it of a CT with seven landmarks, with a quick scene and report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import SimpleITK as sitk

from builders.soft_root import ROOT, soft_ct
from fedkd.pointsets import PointList, write_points

_COMMAND = Path(__file__).resolve().parents[1] / "doubles" / "measure_command.py"


def measured_case(folder: Path) -> tuple[Path, Path]:
    """Return the case folder, and its CT, both below ``folder``."""
    return measured_ct(folder, soft_ct(noise_hu=15.0).image)


def measured_ct(folder: Path, image: sitk.Image) -> tuple[Path, Path]:
    """Return the same of another CT of that root."""
    ct, points = folder / "scan.nii.gz", folder / "points.mrk.json"
    sitk.WriteImage(image, str(ct))
    write_points(points, PointList.from_positions(ROOT.landmarks_lps_mm()))
    command = [sys.executable, str(_COMMAND), "measure", str(ct), "--landmarks", str(points)]
    output = folder / "cases"
    subprocess.run([*command, "--output", str(output), "--progress", "none"], check=True, timeout=120)
    return output / "scan", ct
