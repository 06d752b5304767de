"""Calcium of the aortic valve by cusp, and of the outflow tract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from fedkd.anatomy import CALCIFIED_PART_LABELS
from fedkd.geometry import Grid
from fedkd.measurement.blood import Blood
from fedkd.measurement.calcium.deposits import Box, Deposits, Marks, box_around, find_deposits, marked_calcium
from fedkd.measurement.calcium.frame import RootFrame
from fedkd.measurement.calcium.local_blood import require_dark_blood, require_no_metal
from fedkd.measurement.calcium.wall import trace_wall
from fedkd.measurement.calcium_threshold import CalciumThreshold, threshold_hu
from fedkd.measurement.root_ct import RootCt


@dataclass(frozen=True)
class CalciumParts:
    """What was measured.

    Args:
        threshold: as chosen.
        threshold_hu: what it came to.
        volumes_mm3: by part: rcc, lcc, ncc, lvot.
        mass_scores: by part: volume in mm3 times mean HU, divided by 1000; not calibrated with a phantom.
        label_map: uint8, `fedkd.anatomy.CALCIFIED_PART_LABELS`, on the part of the CT's grid around the root.
        not_seen_mm3: above the threshold in the root and more than noise, but not marked, so not counted; None when
            there were no marks.
        top_mm: height of the upper end above the annulus plane.
        top_is_assumed: the sinotubular junction was not found, or not where one can be.
        beside_mm3: above the threshold inside the root's margin, not counted because it belongs to a structure that
            lies mostly outside: coronary, mitral annulus, contrast in another chamber.
    """

    threshold: CalciumThreshold
    threshold_hu: float
    volumes_mm3: dict[str, float]
    mass_scores: dict[str, float]
    label_map: sitk.Image
    top_mm: float
    top_is_assumed: bool
    not_seen_mm3: float | None
    beside_mm3: float

    def values(self) -> dict[str, float]:
        """Return the measurements by their keys in the catalog."""
        found = {f"calcium_{part}_mm3": volume for part, volume in self.volumes_mm3.items()}
        found |= {f"calcium_{part}_mass_score": score for part, score in self.mass_scores.items()}
        found["calcium_total_mm3"] = sum(self.volumes_mm3.values())
        found["calcium_total_mass_score"] = sum(self.mass_scores.values())
        return found | {"calcium_threshold_hu": self.threshold_hu}

    def label_map_on(self, ct: Grid) -> sitk.Image:
        """Return the label map on the whole CT's grid, of whose voxels the root's are a part."""
        whole = sitk.Image(ct.size_xyz, sitk.sitkUInt8)
        whole.SetOrigin(ct.origin_lps_mm)
        whole.SetSpacing(ct.spacing_mm)
        whole.SetDirection(ct.direction)
        first = np.rint(ct.lps_to_index(self.label_map.GetOrigin())).astype(int)
        return sitk.Paste(whole, self.label_map, self.label_map.GetSize(), destinationIndex=first.tolist())


def measure_calcium(
    root: RootCt, frame: RootFrame, blood: Blood, marks: Marks | None, threshold: CalciumThreshold
) -> CalciumParts:
    """Measure the calcium above the threshold between outflow tract and sinotubular junction, by part.

    Counted are whole voxels, as in other programs, within the root's wall plus 2 mm. They form structures, connected
    by the voxels' faces. Counted are

    - with a model's marks, the structures that it marks, up to 2 mm from its marks: the model says where calcium of
      the valve is, the threshold says how far it reaches, and bright blood that touches calcium stays out;
    - with a reader's marks, the marked voxels and no others;
    - without marks, the structures that are more than noise and not a neighbor's.

    Args:
        root: the CT around the root.
        frame: plane, sectors and ends of the valve.
        blood: brightness in the ascending aorta.
        marks: an image, not 0 where a model sees calcium, on any grid; or a reader's; None: no opinion.
        threshold: which voxels may be calcium.

    Raises:
        NotMeasurable: the threshold lies in the blood's brightness, the wall was not found, the root is cut off by the
            CT's edge, or metal lies in it.
    """
    above_hu = threshold_hu(threshold, blood)
    wall = trace_wall(root, frame, blood)
    box = box_around(root, frame, wall)
    require_dark_blood(box, frame, wall, blood, above_hu)
    deposits = find_deposits(box, frame, wall, above_hu)
    require_no_metal(deposits, box.voxel_mm3)
    likely = deposits.in_root & deposits.more_than_noise(blood, box.voxel_mm3)
    of_a_neighbor = deposits.of_a_neighbor(box.voxel_mm3)
    own = likely & ~of_a_neighbor
    counted = own if marks is None else marked_calcium(deposits, box, marks)
    labels = np.where(counted, frame.part_labels(deposits.coordinates_mm), 0).astype(np.uint8)
    volumes = {p: float(np.count_nonzero(labels == n) * box.voxel_mm3) for p, n in CALCIFIED_PART_LABELS.items()}
    return CalciumParts(
        threshold=threshold,
        threshold_hu=above_hu,
        volumes_mm3=volumes,
        mass_scores={p: _mass_score(deposits.hu[labels == n], box) for p, n in CALCIFIED_PART_LABELS.items()},
        label_map=_label_map(box, deposits, labels),
        top_mm=frame.top_mm,
        top_is_assumed=frame.top_is_assumed,
        not_seen_mm3=None if marks is None else float(np.count_nonzero(own & ~counted) * box.voxel_mm3),
        beside_mm3=float(np.count_nonzero(likely & of_a_neighbor & ~counted) * box.voxel_mm3),
    )


def _mass_score(hu: npt.NDArray[np.int16], box: Box) -> float:
    return float(hu.sum(dtype=float)) * box.voxel_mm3 / 1000


def _label_map(box: Box, deposits: Deposits, labels: npt.NDArray[np.uint8]) -> sitk.Image:
    voxels = np.zeros(box.hu.shape, np.uint8)
    voxels[tuple(deposits.index_zyx.T)] = labels
    return box.grid.to_image(voxels)
