"""Every measurement: its key, clinical name, unit, how it is made, and the published range.

The one source for measurements.json, the tables, the report, the scene and the structured report.
Order here is the order wherever they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# How units are written for people; files keep UCUM.
SHOWN_UNITS: dict[str, str] = {"mm2": "mm²", "mm3": "mm³", "deg": "°", "[hnsf'U]": "HU", "1": ""}
THREE_CUSP, CUSP_OVERLAP = "three-cusp", "cusp overlap"  # C-arm views by name, as in shapes.json


class Group(StrEnum):
    """Headings under which measurements are shown."""

    ANNULUS = "Aortic annulus"
    OUTFLOW = "Left ventricular outflow tract"
    ROOT = "Aortic root and ascending aorta"
    CORONARIES = "Coronary heights"
    SEPTUM = "Membranous septum"
    ANGLES = "Angles"
    CALCIUM = "Calcium"
    IMAGE = "Image"


@dataclass(frozen=True)
class PublishedRange:
    """Mean - 2 SD to mean + 2 SD (or what the source gives) of a published population, and who published it."""

    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Specification:
    """One measurement.

    Args:
        key: name in files; ends with the unit.
        name: as a clinician says it.
        unit: UCUM, as DICOM wants it: mm, mm2, mm3, deg, [hnsf'U], 1.
        method: one sentence.
        inputs: what it is made from.
        published: range of a published population, None where there is no good one.
        decimals: how many are shown; never stored rounded.
    """

    key: str
    group: Group
    name: str
    unit: str
    method: str
    inputs: tuple[str, ...]
    published: PublishedRange | None = None
    decimals: int = 1


_HINGES = ("RCC", "LCC", "NCC")
_SECTION = (*_HINGES, "CT")
_BY_SEX = "506 patients, women's mean - 2 SD to men's mean + 2 SD (Sheba Medical Center)"
STUDY_RANGE = "landmarks of the study (npj Digital Medicine 2025), read off its figures, mean \N{PLUS-MINUS SIGN} 2 SD"
_AREA_RANGE = PublishedRange(255, 732, _BY_SEX)


def _section(
    prefix: str, group: Group, name: str, where: str, published: dict[str, PublishedRange]
) -> tuple[Specification, ...]:
    """Return the seven sizes of a lumen's section."""

    def size(key: str, title: str, unit: str, method: str, decimals: int = 1) -> Specification:
        full_key = f"{prefix}_{key}"
        return Specification(
            full_key, group, f"{name} {title}", unit, f"{method} {where}", _SECTION, published.get(full_key), decimals
        )

    return (
        size("area_mm2", "area", "mm2", "Area inside the lumen's contour", 0),
        size("perimeter_mm", "perimeter", "mm", "Length of the lumen's contour"),
        size("diameter_min_mm", "minimum diameter", "mm", "Smallest caliper width of the lumen's contour"),
        size("diameter_max_mm", "maximum diameter", "mm", "Largest caliper width of the lumen's contour"),
        size("diameter_area_mm", "area-derived diameter", "mm", "Diameter of the circle with the area of the contour"),
        size("diameter_perimeter_mm", "perimeter-derived diameter", "mm", "Perimeter divided by pi"),
        size("eccentricity", "eccentricity", "1", "1 - minimum / maximum diameter", 2),
    )


def _sinus(cusp: str, name: str) -> Specification:
    method = f"Widest cusp-to-commissure diameter through the {name} sinus, perpendicular to the root's axis"
    return Specification(f"sinus_{cusp}_diameter_mm", Group.ROOT, f"Sinus diameter, {name}", "mm", method, _SECTION)


def _ostium(name: str, title: str, published: PublishedRange) -> tuple[Specification, ...]:
    key = name.lower()
    return (
        Specification(
            f"{key}_height_mm",
            Group.CORONARIES,
            f"{title} coronary height",
            "mm",
            "Distance of the ostium from the annulus plane, perpendicular to it",
            (*_HINGES, name),
            published,
        ),
        Specification(
            f"{key}_wall_height_mm",
            Group.CORONARIES,
            f"{title} coronary height along the sinus",
            "mm",
            "Length along the sinus' wall from the annulus plane to the ostium",
            (*_HINGES, name, "CT"),
        ),
    )


def _calcium(part: str, name: str) -> tuple[Specification, ...]:
    inputs = (*_HINGES, "CT", "calcification")
    return (
        Specification(
            f"calcium_{part}_mm3",
            Group.CALCIUM,
            f"Calcium volume, {name}",
            "mm3",
            "Voxels above the calcium threshold in that part of the root",
            inputs,
            None,
            0,
        ),
        Specification(
            f"calcium_{part}_mass_score",
            Group.CALCIUM,
            f"Calcium mass score, {name}",
            "1",
            "Volume in mm3 times mean HU, divided by 1000; not calibrated with a phantom",
            inputs,
            None,
            0,
        ),
    )


_PLANE = "in the plane through the three hinge points"
_STOLZMANN = "200 patients with and without aortic stenosis, smallest to largest (Stolzmann 2009)"

SPECIFICATIONS: tuple[Specification, ...] = (
    *_section(
        "annulus",
        Group.ANNULUS,
        "Annulus",
        _PLANE,
        {
            "annulus_area_mm2": _AREA_RANGE,
            "annulus_diameter_area_mm": PublishedRange(18.0, 30.5, f"{_BY_SEX}, from the area"),
            "annulus_perimeter_mm": PublishedRange(56.8, 97.6, _BY_SEX),
            "annulus_eccentricity": PublishedRange(
                0.08,
                0.33,
                "177 patients, mean \N{PLUS-MINUS SIGN} 2 SD of maximum / minimum diameter (PubMed 23347864)",
            ),
        },
    ),
    Specification(
        "hinge_circle_diameter_mm",
        Group.ANNULUS,
        "Hinge circle diameter",
        "mm",
        "Diameter of the circle through the three hinge points",
        _HINGES,
        PublishedRange(18.9, 32.5, STUDY_RANGE),
    ),
    *_section("lvot", Group.OUTFLOW, "LVOT", "4 mm below the annulus plane, parallel to it", {}),
    _sinus("rcc", "right coronary"),
    _sinus("lcc", "left coronary"),
    _sinus("ncc", "non-coronary"),
    Specification(
        "sinus_mean_diameter_mm",
        Group.ROOT,
        "Mean sinus of Valsalva diameter",
        "mm",
        "Mean of the three sinus diameters",
        _SECTION,
        PublishedRange(23.4, 43.9, _BY_SEX),
    ),
    Specification(
        "stj_diameter_mm",
        Group.ROOT,
        "Sinotubular junction diameter",
        "mm",
        "Area-derived diameter at the narrowing between the sinuses and the ascending aorta",
        _SECTION,
        PublishedRange(19.5, 37.7, _BY_SEX),
    ),
    Specification(
        "stj_height_mm",
        Group.ROOT,
        "Sinotubular junction height",
        "mm",
        "Distance of the sinotubular junction's center from the annulus plane",
        _SECTION,
    ),
    Specification(
        "ascending_aorta_diameter_mm",
        Group.ROOT,
        "Ascending aorta diameter",
        "mm",
        "Area-derived diameter 40 mm above the annulus, along and perpendicular to the centerline",
        _SECTION,
    ),
    *_ostium("LCO", "Left", PublishedRange(8.8, 24.3, _STOLZMANN)),
    *_ostium("RCO", "Right", PublishedRange(7.3, 26.0, _STOLZMANN)),
    Specification(
        "septum_length_mm",
        Group.SEPTUM,
        "Membranous septum length",
        "mm",
        "Distance between its upper and lower point",
        ("MS1", "MS2"),
        PublishedRange(2.2, 11.9, "INTERSECT's lower quartile (1811 patients) to mean + 2 SD of the landmarks' study"),
    ),
    Specification(
        "ms1_to_plane_mm",
        Group.SEPTUM,
        "Upper point of the septum to the annulus plane",
        "mm",
        "Signed distance, positive toward the aorta",
        (*_HINGES, "MS1"),
        PublishedRange(-6.4, 4.8, STUDY_RANGE),
    ),
    Specification(
        "ms2_to_plane_mm",
        Group.SEPTUM,
        "Lower point of the septum to the annulus plane",
        "mm",
        "Signed distance, positive toward the aorta",
        (*_HINGES, "MS2"),
        PublishedRange(-11.9, -1.5, STUDY_RANGE),
    ),
    Specification(
        "septum_risk_band",
        Group.SEPTUM,
        "Septum length band",
        "1",
        "Short (< 3 mm), intermediate (3 to 6 mm) or long (> 6 mm); a short septum goes with conduction disturbances",
        ("MS1", "MS2"),
    ),
    Specification(
        "aortic_angulation_deg",
        Group.ANGLES,
        "Aortic angulation",
        "deg",
        "Angle between the annulus plane and the horizontal plane",
        _HINGES,
        PublishedRange(18, 90, "4022 patients, smallest to largest (PubMed 34090956)"),
        0,
    ),
    Specification(
        "three_cusp_lao_deg",
        Group.ANGLES,
        "Three-cusp view, LAO (negative: RAO)",
        "deg",
        "C-arm rotation at which the hinge points are in line and the right cusp lies in the middle",
        _HINGES,
        None,
        0,
    ),
    Specification(
        "three_cusp_cranial_deg",
        Group.ANGLES,
        "Three-cusp view, cranial (negative: caudal)",
        "deg",
        "C-arm tilt at which the hinge points are in line and the right cusp lies in the middle",
        _HINGES,
        None,
        0,
    ),
    Specification(
        "cusp_overlap_lao_deg",
        Group.ANGLES,
        "Cusp-overlap view, LAO (negative: RAO)",
        "deg",
        "C-arm rotation at which the hinge points are in line and the right and left cusp cover each other",
        _HINGES,
        None,
        0,
    ),
    Specification(
        "cusp_overlap_cranial_deg",
        Group.ANGLES,
        "Cusp-overlap view, cranial (negative: caudal)",
        "deg",
        "C-arm tilt at which the hinge points are in line and the right and left cusp cover each other",
        _HINGES,
        None,
        0,
    ),
    *_calcium("rcc", "right coronary cusp"),
    *_calcium("lcc", "left coronary cusp"),
    *_calcium("ncc", "non-coronary cusp"),
    *_calcium("lvot", "outflow tract"),
    *_calcium("total", "valve and outflow tract"),
    Specification(
        "calcium_threshold_hu",
        Group.CALCIUM,
        "Calcium threshold",
        "[hnsf'U]",
        "Voxels above it may be calcium; 850 HU, 450 HU, or the lumen's mean + 100 HU, as chosen",
        ("CT",),
        None,
        0,
    ),
    Specification(
        "lumen_mean_hu",
        Group.IMAGE,
        "Contrast in the ascending aorta",
        "[hnsf'U]",
        "Mean of the voxels in the middle of the ascending aorta's lumen",
        _SECTION,
        PublishedRange(250, 600, "usual contrast of a TAVI CT; below 250 HU it is too little (Kok 2016)"),
        0,
    ),
    Specification(
        "lumen_noise_hu",
        Group.IMAGE,
        "Noise in the ascending aorta",
        "[hnsf'U]",
        "Standard deviation of the same voxels",
        _SECTION,
        None,
        0,
    ),
)
KEYS: tuple[str, ...] = tuple(specification.key for specification in SPECIFICATIONS)
BY_KEY: dict[str, Specification] = {specification.key: specification for specification in SPECIFICATIONS}
