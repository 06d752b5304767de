"""Whole phantoms, which take seconds each: made once for all tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fedkd.phantom import Field, Phantom, make_phantom
from fedkd.volumes import CtSource, CtVolume


@cache
def clinical_phantom(seed: int) -> Phantom:
    """Return a patient as a planning CT shows them. All tests share the arrays; nobody can write in them."""
    phantom = make_phantom(seed, Field.CLINICAL)
    for voxels in (phantom.ct, phantom.calcification, phantom.heart, phantom.coronaries):
        voxels.flags.writeable = False
    return phantom


def clinical_ct(seed: int) -> CtVolume:
    """Return that patient's CT, as if it had been read from a file."""
    phantom = clinical_phantom(seed)
    return CtVolume(phantom.grid.to_image(phantom.ct), CtSource(Path("made.nii.gz"), "nifti", "0" * 64))
