"""The one table of codes in our DICOM files.

Sources: DICOM PS3.16 2026b: CID 218, 7180, 7464 and 7470 to 7472 for what is measured, CID 12334 for the sizes of the
aortic valve, CID 12339 and 3014 for places; SCT is SNOMED CT, UMLS the metathesaurus that CID 12334 names.
CID 12334 has a code of its own for most of our measurements, yet defines those in systole (DCM 131143, 131144, 131145,
131166, 131169), in diastole (DCM 131148, 131149) or elsewhere (DCM 131165), which one CT cannot promise. So a general
concept, a place and a method together say what was measured. Methods, and what has no code at all, are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS, Code
from fedkd.measurement.septum import INTERMEDIATE, LONG, SHORT

PRIVATE_SCHEME = "99FEDKD"
PRIVATE_SCHEME_NAME = "FedKDSlicer's own codes"

AREA = Code("SCT", "42798000", "Area")
PERIMETER = Code("SCT", "131191004", "Perimeter")
DIAMETER = Code("SCT", "81827009", "Diameter")
LENGTH = Code("SCT", "410668003", "Length")
CIRCUMSCRIBED_CIRCLE = Code("SCT", "131192006", "Diameter of circumscribed circle")
ANGLE = Code("SCT", "1483009", "Angle")
DISTANCE = Code("DCM", "121206", "Distance")
PATH_LENGTH = Code("DCM", "121211", "Path length")
CALCIUM_VOLUME = Code("DCM", "122660", "Calcium Volume")
ATTENUATION_THRESHOLD = Code("DCM", "112032", "Threshold Attenuation Coefficient")
MEAN_ATTENUATION = Code("DCM", "112181", "Mean Attenuation Coefficient")
ATTENUATION_SD = Code("DCM", "112183", "Standard Deviation of Attenuation Coefficient")
C_ARM_PRIMARY_ANGLE = Code("DCM", "112011", "Positioner Primary Angle")  # positive: LAO
C_ARM_SECONDARY_ANGLE = Code("DCM", "112012", "Positioner Secondary Angle")  # positive: cranial
ANNULUS_AREA = Code("UMLS", "C2059685", "Aortic annulus area")
SINUS_DIAMETER = Code("UMLS", "C2059455", "Aortic sinus of valsalva diameter")

MINIMUM = Code("SCT", "255605001", "Minimum")
MEAN = Code("SCT", "373098007", "Mean")
MAXIMUM = Code("SCT", "56851009", "Maximum")

AORTIC_VALVE = Code("SCT", "34202007", "Aortic valve")
ANNULUS = Code("SCT", "77583004", "Aortic Valve Ring")
OUTFLOW_TRACT = Code("SCT", "13418002", "Left ventricle outflow tract")
RIGHT_SINUS = Code("SCT", "89093001", "Right Sinus of Valsalva")
LEFT_SINUS = Code("SCT", "36371001", "Left Sinus of Valsalva")
SINUSES = Code("SCT", "81128002", "Structure Sinus of Valsalva")
POSTERIOR_SINUS = Code("SCT", "24865005", "Structure of posterior sinus of Valsalva")
SINOTUBULAR_JUNCTION = Code("SCT", "443167003", "Aortic Sinotubular Junction")
ASCENDING_AORTA = Code("SCT", "54247002", "Ascending aorta")
LEFT_OSTIUM = Code("SCT", "1256091001", "Left Main Coronary Artery Ostium")
RIGHT_OSTIUM = Code("SCT", "56789007", "Right Coronary Artery Ostium")
SEPTUM = Code("SCT", "589001", "Interventricular septum")

UNITS: dict[str, Code] = {
    "mm": Code("UCUM", "mm", "millimeter"),
    "mm2": Code("UCUM", "mm2", "square millimeter"),
    "mm3": Code("UCUM", "mm3", "cubic millimeter"),
    "deg": Code("UCUM", "deg", "degree"),
    "[hnsf'U]": Code("UCUM", "[hnsf'U]", "Hounsfield unit"),
    "1": Code("UCUM", "1", "no units"),
}


@dataclass(frozen=True)
class MeasurementCode:
    """How one measurement is coded.

    Args:
        method: value of our own code for it, at most 16 characters; never given to anything else.
        concept: what is measured; None: our own code says it.
        site: where.
        derivation: which of many values.
        site_modifier: which part of ``site``.
    """

    method: str
    concept: Code | None
    site: Code
    derivation: Code | None = None
    site_modifier: Code | None = None


def _section(prefix: str, site: Code, area: Code = AREA) -> dict[str, MeasurementCode]:
    short = prefix.upper()[:4]
    return {
        f"{prefix}_area_mm2": MeasurementCode(f"{short}_AREA", area, site),
        f"{prefix}_perimeter_mm": MeasurementCode(f"{short}_PERI", PERIMETER, site),
        f"{prefix}_diameter_min_mm": MeasurementCode(f"{short}_D_MIN", DIAMETER, site, MINIMUM),
        f"{prefix}_diameter_max_mm": MeasurementCode(f"{short}_D_MAX", DIAMETER, site, MAXIMUM),
        f"{prefix}_diameter_area_mm": MeasurementCode(f"{short}_D_AREA", DIAMETER, site),
        f"{prefix}_diameter_perimeter_mm": MeasurementCode(f"{short}_D_PERI", DIAMETER, site),
        f"{prefix}_eccentricity": MeasurementCode(f"{short}_ECC", None, site),
    }


def _calcium(part: str, site: Code, modifier: Code | None = None) -> dict[str, MeasurementCode]:
    code = f"CA_{part.upper()}"
    return {
        f"calcium_{part}_mm3": MeasurementCode(f"{code}_VOL", CALCIUM_VOLUME, site, site_modifier=modifier),
        # DCM 122661 "Calcium Mass" is calibrated and in mg: ours is neither.
        f"calcium_{part}_mass_score": MeasurementCode(f"{code}_MASS", None, site, site_modifier=modifier),
    }


def _calcium_of_parts() -> dict[str, MeasurementCode]:
    codes: dict[str, MeasurementCode] = {}
    for part, style in CALCIFIED_PARTS.items():
        codes |= _calcium(part, style.region, style.region_modifier)
    return codes | _calcium("total", CALCIFICATION.region)


# Every number of the catalog, by its key.
MEASUREMENT_CODES: dict[str, MeasurementCode] = {
    **_section("annulus", ANNULUS, ANNULUS_AREA),
    "hinge_circle_diameter_mm": MeasurementCode("HINGE_CIRCLE", CIRCUMSCRIBED_CIRCLE, ANNULUS),
    **_section("lvot", OUTFLOW_TRACT),
    "sinus_rcc_diameter_mm": MeasurementCode("SINUS_RCC", SINUS_DIAMETER, RIGHT_SINUS),
    "sinus_lcc_diameter_mm": MeasurementCode("SINUS_LCC", SINUS_DIAMETER, LEFT_SINUS),
    "sinus_ncc_diameter_mm": MeasurementCode("SINUS_NCC", SINUS_DIAMETER, POSTERIOR_SINUS),
    "sinus_mean_diameter_mm": MeasurementCode("SINUS_MEAN", SINUS_DIAMETER, SINUSES, MEAN),
    "stj_diameter_mm": MeasurementCode("STJ_DIAMETER", DIAMETER, SINOTUBULAR_JUNCTION),
    "stj_height_mm": MeasurementCode("STJ_HEIGHT", DISTANCE, SINOTUBULAR_JUNCTION),
    "ascending_aorta_diameter_mm": MeasurementCode("ASC_AORTA_D", DIAMETER, ASCENDING_AORTA),
    "lco_height_mm": MeasurementCode("LCO_HEIGHT", DISTANCE, LEFT_OSTIUM),
    "lco_wall_height_mm": MeasurementCode("LCO_WALL_HEIGHT", PATH_LENGTH, LEFT_OSTIUM),
    "rco_height_mm": MeasurementCode("RCO_HEIGHT", DISTANCE, RIGHT_OSTIUM),
    "rco_wall_height_mm": MeasurementCode("RCO_WALL_HEIGHT", PATH_LENGTH, RIGHT_OSTIUM),
    "septum_length_mm": MeasurementCode("SEPTUM_LENGTH", LENGTH, SEPTUM),
    "ms1_to_plane_mm": MeasurementCode("MS1_TO_PLANE", DISTANCE, SEPTUM),
    "ms2_to_plane_mm": MeasurementCode("MS2_TO_PLANE", DISTANCE, SEPTUM),
    "aortic_angulation_deg": MeasurementCode("AORTIC_ANGUL", ANGLE, ANNULUS),
    "three_cusp_lao_deg": MeasurementCode("THREE_CUSP_LAO", C_ARM_PRIMARY_ANGLE, ANNULUS),
    "three_cusp_cranial_deg": MeasurementCode("THREE_CUSP_CRAN", C_ARM_SECONDARY_ANGLE, ANNULUS),
    "cusp_overlap_lao_deg": MeasurementCode("CUSP_OVERLAP_LAO", C_ARM_PRIMARY_ANGLE, ANNULUS),
    "cusp_overlap_cranial_deg": MeasurementCode("CUSP_OVERL_CRAN", C_ARM_SECONDARY_ANGLE, ANNULUS),
    **_calcium_of_parts(),
    "calcium_threshold_hu": MeasurementCode("CA_THRESHOLD", ATTENUATION_THRESHOLD, AORTIC_VALVE),
    "lumen_mean_hu": MeasurementCode("LUMEN_MEAN", MEAN_ATTENUATION, ASCENDING_AORTA),
    "lumen_noise_hu": MeasurementCode("LUMEN_NOISE", ATTENUATION_SD, ASCENDING_AORTA),
}

# Words of the catalog instead of numbers, by key: our code's value.
EVALUATION_CODES: dict[str, str] = {"septum_risk_band": "SEPTUM_BAND"}
ANSWER_CODES: dict[str, str] = {SHORT: "SEPTUM_SHORT", INTERMEDIATE: "SEPTUM_MIDDLE", LONG: "SEPTUM_LONG"}
OTHER_ANSWER = "OTHER"

LANDMARK_SITES: dict[str, Code] = {
    "RCC": ANNULUS, "LCC": ANNULUS, "NCC": ANNULUS,
    "RCO": RIGHT_OSTIUM, "LCO": LEFT_OSTIUM,
    "MS1": SEPTUM, "MS2": SEPTUM,
}  # fmt: skip

PROCEDURE_REPORTED = Code("LN", "25045-6", "CT unspecified body region")
QUALITATIVE_EVALUATIONS = Code("UMLS", "C0034375", "Qualitative Evaluations")
COMMENT = Code("DCM", "121106", "Comment")
ARTIFICIAL_INTELLIGENCE = Code("DCM", "123110", "Artificial Intelligence")
MODALITY = Code("DCM", "121139", "Modality")
COMPUTED_TOMOGRAPHY = Code("DCM", "CT", "Computed Tomography")
FRAME_OF_REFERENCE_UID = Code("DCM", "112227", "Frame of Reference UID")
IMAGE_LIBRARY = Code("DCM", "111028", "Image Library")
IMAGE_LIBRARY_GROUP = Code("DCM", "126200", "Image Library Group")
SOURCE = Code("SCT", "260753009", "Source")
REPORT_TITLE = Code("DCM", "126000", "Imaging Measurement Report")
