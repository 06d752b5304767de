"""Calcification as a DICOM segmentation: one segment for each part of the root in which there is any."""

from __future__ import annotations

from dataclasses import dataclass

import highdicom as hd
import numpy as np
import numpy.typing as npt
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues, SegmentDescription
from pydicom.dataset import Dataset
from pydicom.uid import PYDICOM_ROOT_UID, generate_uid

import fedkd
from fedkd.anatomy import SegmentStyle
from fedkd.dicom_export.coded import coded, private
from fedkd.dicom_export.codes import ARTIFICIAL_INTELLIGENCE
from fedkd.dicom_export.equipment import NAME, SEGMENTATION_SERIES_NUMBER, Maker, common_values
from fedkd.dicom_export.source_series import SourceSeries

_DESCRIPTION = "Aortic valve calcification - research, NOT FOR CLINICAL USE"
_LABEL = "NOT_FOR_CLINICAL"  # at most 16 capitals


@dataclass(frozen=True)
class LabelMap:
    """Voxels of the CT's grid: ``values`` (axes zyx, 0: nothing) and what its labels 1, 2, ... mean."""

    values: npt.NDArray[np.uint8]
    styles: tuple[SegmentStyle, ...]

    @property
    def present(self) -> tuple[SegmentStyle, ...]:
        """The parts that have any voxel, in order."""
        return tuple(style for label, style in enumerate(self.styles, start=1) if np.any(self.values == label))

    def renumbered(self, present: tuple[SegmentStyle, ...]) -> npt.NDArray[np.uint8]:
        """Return the voxels with labels 1, 2, ... for ``present``: DICOM wants numbers without gaps."""
        table = [0, *(present.index(style) + 1 if style in present else 0 for style in self.styles)]
        return np.array(table, np.uint8)[self.values]


def make_segmentation(labels: LabelMap, series: SourceSeries, maker: Maker) -> hd.seg.Segmentation | None:
    """Return the segmentation in the series' patient, study and frame of reference; None when there is no voxel.

    Frames without voxels are left out; every frame names the CT image it belongs to.
    """
    present = labels.present
    if not present:
        return None
    made = hd.seg.Segmentation(
        source_images=series.images,
        pixel_array=labels.renumbered(present)[list(series.slice_of_frame)],
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[_describe(number, style, series, maker) for number, style in enumerate(present, start=1)],
        series_number=SEGMENTATION_SERIES_NUMBER,
        content_label=_LABEL,
        content_description=fedkd.NOT_FOR_CLINICAL_USE,
        **common_values(maker, _DESCRIPTION),
    )
    made.ContentCreatorName = ""  # no person; the rules want it to be there
    return made


def _describe(number: int, style: SegmentStyle, series: SourceSeries, maker: Maker) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=style.name,
        segmented_property_category=coded(style.category),
        segmented_property_type=coded(style.type),
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=NAME, family=_algorithm_family(maker), version=fedkd.__version__, source=maker.model
        ),
        tracking_id=style.segment_id,
        tracking_uid=tracking_uid(style.segment_id, series),
        anatomic_regions=[_region(style)],
        display_color=hd.color.CIELabColor.from_rgb(*(round(255 * part) for part in style.color_rgb)),
    )


def _algorithm_family(maker: Maker) -> hd.sr.CodedConcept:
    # CID 7162 has no code for thresholds.
    return coded(ARTIFICIAL_INTELLIGENCE) if maker.model_id else private("THRESHOLD", "Threshold in a region")


def tracking_uid(name: str, series: SourceSeries) -> str:
    """Return an identifier for ``name`` in this CT that is the same whenever the case is exported."""
    return generate_uid(PYDICOM_ROOT_UID, entropy_srcs=[str(series.images[0].SeriesInstanceUID), name])


def _region(style: SegmentStyle) -> hd.sr.CodedConcept:
    region = coded(style.region)
    if style.region_modifier is not None:
        modifiers: list[Dataset] = [coded(style.region_modifier)]
        region.AnatomicRegionModifierSequence = modifiers
    return region
