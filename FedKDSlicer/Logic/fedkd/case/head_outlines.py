"""What heads that are not ours outline, in a case folder: one segmentation file for each head."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import Code, SegmentStyle
from fedkd.case.segmentation_file import write_segmentation
from fedkd.geometry import Grid

# Codes for things of which no more is known than that they belong to a body (DICOM PS3.16, CID 7150 and 4031).
_STRUCTURE = Code("SCT", "123037004", "Anatomical Structure")
_ANYWHERE = Code("SCT", "38266002", "Entire body")
# Turned by this part of the color circle, any number of colors lie far from each other.
_GOLDEN_PART = 0.381966


@dataclass(frozen=True)
class HeadOutline:
    """What one head outlines.

    Args:
        head: its name.
        class_names: of the classes from 1 on.
        label_map: uint8 on the CT's grid; 0 wherever the head saw nothing or did not look.
        looked_at: the part of space that the network saw; it says nothing of the rest.
    """

    head: str
    class_names: tuple[str, ...]
    label_map: sitk.Image
    looked_at: Grid

    @property
    def file(self) -> str:
        """Name of its file in the case folder."""
        return outline_file(self.head)

    @property
    def side_mm(self) -> int:
        """How far the network saw along each axis, in whole mm."""
        return round(min(np.array(self.looked_at.size_xyz) * self.looked_at.spacing_mm))

    @property
    def center_lps_mm(self) -> tuple[float, float, float]:
        """The middle of what the network saw."""
        x, y, z = self.looked_at.index_to_lps((np.array(self.looked_at.size_xyz) - 1) / 2).tolist()
        return x, y, z

    @property
    def what_was_looked_at(self) -> str:
        """A sentence for the reader."""
        return (
            f"{self.head}: only a cube of {self.side_mm} mm around the aortic root was looked at; "
            f"{self.file} says nothing of the rest."
        )

    def volumes_mm3(self) -> dict[str, float]:
        """Return the volume of each class."""
        counts = np.bincount(sitk.GetArrayViewFromImage(self.label_map).ravel(), minlength=len(self.class_names) + 1)
        voxel_mm3 = float(np.prod(self.label_map.GetSpacing()))
        return {name: float(counts[number]) * voxel_mm3 for number, name in enumerate(self.class_names, start=1)}


def outline_file(head: str) -> str:
    """Return the name of the file with what a head outlines."""
    return f"{head}.seg.nrrd"


def write_outlines(folder: Path, outlines: Iterable[HeadOutline]) -> None:
    """Write each head's segmentation, with one segment for each class, into a case folder that is not yet published.

    Raises:
        OSError, RuntimeError: a file could not be written.
    """
    for outline in outlines:
        write_segmentation(outline.label_map, styles_of(outline.head, outline.class_names), folder / outline.file)


def styles_of(head: str, class_names: Sequence[str]) -> tuple[SegmentStyle, ...]:
    """Return how the segments of a head are named, colored and coded; nothing but the name is known of them."""
    return tuple(
        SegmentStyle(f"{head}_{number}", name, _color_rgb(number), _STRUCTURE, _STRUCTURE, _ANYWHERE)
        for number, name in enumerate(class_names, start=1)
    )


def _color_rgb(number: int) -> tuple[float, float, float]:
    red, green, blue = colorsys.hsv_to_rgb((number * _GOLDEN_PART + 0.65) % 1.0, 0.65, 0.95)
    return round(red, 3), round(green, 3), round(blue, 3)
