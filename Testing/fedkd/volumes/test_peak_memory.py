"""A CT from neck to groin must fit: reading and averaging hold two int16 copies at most, whatever is stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import image_of
from fedkd.geometry import Grid

STATUS = Path("/proc/self/status")
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="peak memory is measured on Linux only")

SIZE = (256, 256, 320)
INT16_MB = np.prod(SIZE) * 2 / 1e6
# One slab as stored, as floats and as int16, and what the allocator keeps.
SLACK_MB = 220
SCRIPT = """
import re, sys
from pathlib import Path
from fedkd.geometry import Grid
from fedkd.volumes import covering_grid, downsample_to_grid, read_ct

def peak_mb():
    # Unlike getrusage's, this peak does not include the parent's memory at the time of the fork.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1e3

before = peak_mb()
ct = read_ct(Path(sys.argv[1]))
downsample_to_grid(ct.image, covering_grid(ct.grid, 4.0))
print(peak_mb() - before)
"""


@pytest.mark.parametrize(("name", "dtype"), [("ct.nii", np.int16), ("ct.nrrd", np.float32)])
def test_peak_memory(tmp_path, name, dtype):
    values = np.full(SIZE, -1000, dtype)
    values[60:260, 60:200, 60:200] = 40
    sitk.WriteImage(image_of(values, Grid(SIZE, (0.7, 0.7, 0.7), (0.0, 0.0, 0.0))), str(tmp_path / name))
    del values
    logic = Path(__file__).parents[3] / "FedKDSlicer" / "Logic"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / name)],
        env={"PYTHONPATH": str(logic), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    print(done.stdout)
    assert float(done.stdout) < 2 * INT16_MB + SLACK_MB
