"""The one source for names, orders, colors and codes of the anatomy.

Sources: the study (npj Digital Medicine 2025, arXiv 2407.07557) for landmarks, heads and file orders.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Landmark:
    """One of the seven landmarks. ``channel`` is its class index in the label map of ``head``."""

    name: str
    full_name: str
    head: str
    channel: int
    color_rgb: tuple[float, float, float]
    aliases: tuple[str, ...] = ()


# Colors: Okabe and Ito's palette, which color-blind readers can tell apart.
LANDMARKS: tuple[Landmark, ...] = (
    Landmark("RCC", "Hinge point, right coronary cusp", "hps", 1, (0.835, 0.369, 0.000)),
    Landmark("LCC", "Hinge point, left coronary cusp", "hps", 2, (0.000, 0.447, 0.698)),
    Landmark("NCC", "Hinge point, non-coronary cusp", "hps", 3, (0.000, 0.620, 0.451), ("ACC",)),
    Landmark("RCO", "Right coronary ostium", "hps", 4, (0.902, 0.624, 0.000), ("RCA",)),
    Landmark("LCO", "Left coronary ostium", "hps", 5, (0.337, 0.706, 0.914), ("LCA",)),
    Landmark("MS1", "Membranous septum, upper point", "ms", 1, (0.800, 0.475, 0.655)),
    Landmark("MS2", "Membranous septum, lower point", "ms", 2, (0.941, 0.894, 0.259)),
)
# A list of points in Slicer has one color: orange stands out from gray CT, white calcium, red and blue vessels.
LANDMARK_LIST_COLOR_RGB = (1.0, 0.65, 0.0)
# Accepted ones: calm beside the orange, and lighter, so that it needs no color vision to tell them apart.
ACCEPTED_LANDMARK_COLOR_RGB = (0.55, 0.95, 0.80)
LANDMARK_NAMES: tuple[str, ...] = tuple(landmark.name for landmark in LANDMARKS)
LANDMARK_BY_NAME: dict[str, Landmark] = {landmark.name: landmark for landmark in LANDMARKS}
HINGE_POINTS: tuple[str, ...] = ("RCC", "LCC", "NCC")
OSTIA: tuple[str, ...] = ("RCO", "LCO")
SEPTUM: tuple[str, ...] = ("MS1", "MS2")

# The study's point set files carry no labels: the order is the label.
STUDY_ORDERS: dict[str, tuple[str, ...]] = {
    "hps.mps": ("RCC", "LCC", "NCC", "RCO", "LCO"),
    "ms.mps": ("MS1", "MS2"),
}


@dataclass(frozen=True)
class Head:
    """One output of a network: ``channels[0]`` is background, the index is the class in the label map."""

    name: str
    channels: tuple[str, ...]


HEART_CHANNELS: tuple[str, ...] = (
    "background",
    "myocardium",
    "left atrium",
    "left ventricle",
    "right atrium",
    "right ventricle",
    "aorta",
    "pulmonary artery",
)
HEADS: dict[str, Head] = {
    "hps": Head("hps", ("background", *STUDY_ORDERS["hps.mps"])),
    "ms": Head("ms", ("background", *STUDY_ORDERS["ms.mps"])),
    "calc": Head("calc", ("background", "calcification")),
    "heart": Head("heart", HEART_CHANNELS),
}
POINT_HEADS: tuple[str, ...] = ("hps", "ms")


@dataclass(frozen=True)
class Code:
    """A coded concept: coding scheme, value, meaning."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True)
class SegmentStyle:
    """How a segment is named, colored and coded when it is written for other programs."""

    segment_id: str
    name: str
    color_rgb: tuple[float, float, float]
    category: Code
    type: Code
    region: Code
    region_modifier: Code | None = None


_ABNORMAL = Code("SCT", "49755003", "Morphologically Abnormal Structure")
_CALCIFIED = Code("SCT", "18115005", "Pathologic calcification")
_CUSP = Code("SCT", "81797008", "Aortic valve cusp")  # DICOM PS3.16, CID 12339
_CALCIUM_COLOR_RGB = (0.95, 0.95, 0.80)

# Not told apart by cusp: labels to train on, and cases whose hinge points were not found.
CALCIFICATION = SegmentStyle(
    segment_id="calcification",
    name="Aortic valve calcification",
    color_rgb=_CALCIUM_COLOR_RGB,
    category=_ABNORMAL,
    type=_CALCIFIED,
    region=Code("SCT", "34202007", "Aortic valve"),
)


def _calcified_cusp(cusp: str, name: str, side: Code) -> SegmentStyle:
    color_rgb = LANDMARK_BY_NAME[cusp.upper()].color_rgb
    title = f"Calcification, {name} cusp"
    return SegmentStyle(f"calcification_{cusp}", title, color_rgb, _ABNORMAL, _CALCIFIED, _CUSP, side)


# By part of the root, as in the catalog's keys; the first has label 1. A cusp has the color of its hinge point.
# SNOMED CT has no codes for single cusps; it calls what belongs to the non-coronary cusp posterior.
CALCIFIED_PARTS: dict[str, SegmentStyle] = {
    "rcc": _calcified_cusp("rcc", "right coronary", Code("SCT", "24028007", "Right")),
    "lcc": _calcified_cusp("lcc", "left coronary", Code("SCT", "7771000", "Left")),
    "ncc": _calcified_cusp("ncc", "non-coronary", Code("SCT", "255551008", "Posterior")),
    "lvot": SegmentStyle(
        "calcification_lvot",
        "Calcification, outflow tract",
        _CALCIUM_COLOR_RGB,
        _ABNORMAL,
        _CALCIFIED,
        Code("SCT", "13418002", "Left ventricle outflow tract"),
    ),
}
CALCIFIED_PART_LABELS: dict[str, int] = {part: label for label, part in enumerate(CALCIFIED_PARTS, start=1)}


def canonical_name(name: str) -> str:
    """Return the landmark name for ``name`` or one of its aliases, in any case.

    Raises:
        KeyError: ``name`` is no landmark.
    """
    wanted = name.strip().upper()
    for landmark in LANDMARKS:
        if wanted == landmark.name or wanted in landmark.aliases:
            return landmark.name
    raise KeyError(f"{name!r} is no landmark; known are {', '.join(LANDMARK_NAMES)}")
