"""How bright each tissue is: one table per patient, drawn far beyond what one scanner shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Contrast:
    """Mean intensities in HU, and how strongly contrast medium mixes with unopacified blood."""

    aorta_hu: float
    descending_aorta_hu: float
    left_ventricle_hu: float
    left_atrium_hu: float
    right_atrium_hu: float
    right_ventricle_hu: float
    pulmonary_artery_hu: float
    superior_cava_hu: float
    inferior_cava_hu: float
    coronary_hu: float
    lung_vessel_hu: float
    myocardium_hu: float
    vessel_wall_hu: float
    leaflet_hu: float
    mitral_hu: float
    fat_hu: float
    lung_hu: float
    muscle_hu: float
    bone_hu: float
    cortex_hu: float
    liver_hu: float
    kidney_hu: float
    spleen_hu: float
    bowel_hu: float
    esophagus_hu: float
    slow_mixing_hu: float  # amplitude of smooth mixing in the right heart
    streaming_hu: float  # amplitude of streams and fine mixing in the right heart


def draw_contrast(rng: np.random.Generator) -> Contrast:
    """Draw a table.

    Sources: aortic root 381 SD 65 and 442 SD 68 HU at 80 kVp (Kok 2016), 250-600 overall in TAVI CT; myocardium
    80-140, right heart 100-900 HU with mixing; widened. One table in eight is scrambled.
    """
    uniform, normal = rng.uniform, rng.normal
    aorta = uniform(220, 700)
    spread = uniform(10, 60)
    right = (uniform(60, 200), aorta * uniform(0.4, 0.9), aorta * uniform(0.8, 1.3), uniform(60, 700))[rng.integers(4)]
    atrium = right + normal(0, 40)
    values = {
        "aorta_hu": aorta,
        "descending_aorta_hu": aorta + normal(0, 30),
        "left_ventricle_hu": aorta + normal(0, spread),
        "left_atrium_hu": aorta + normal(0, spread) + uniform(-20, 40),
        "right_atrium_hu": atrium,
        "right_ventricle_hu": right + normal(0, 30),
        "pulmonary_artery_hu": right + normal(0, 40) if uniform() < 0.6 else uniform(100, 600),
        "superior_cava_hu": atrium if uniform() < 0.5 else uniform(80, 1200),
        "inferior_cava_hu": uniform(60, 200),
        "coronary_hu": aorta * uniform(0.75, 1.05),
        "lung_vessel_hu": uniform(50, 500),
        "myocardium_hu": uniform(60, 190),
        "vessel_wall_hu": uniform(20, 110),
        "leaflet_hu": uniform(20, max(60.0, aorta * 0.8)),
        "mitral_hu": uniform(30, 200),
        "fat_hu": uniform(-130, -60),
        "lung_hu": uniform(-920, -650),
        "muscle_hu": uniform(20, 90),
        "bone_hu": uniform(150, 400),
        "cortex_hu": uniform(400, 1100),
        "liver_hu": uniform(40, 160),
        "kidney_hu": uniform(60, 260),
        "spleen_hu": uniform(50, 200),
        "bowel_hu": uniform(0, 90),
        "esophagus_hu": uniform(-50, 60),
    }
    if uniform() < 0.12:
        values = {name: v if name == "lung_hu" else v + normal(0, 120) for name, v in values.items()}
    return Contrast(
        **values,
        slow_mixing_hu=uniform(0, 40) + (uniform(50, 150) if uniform() < 0.3 else 0.0),
        streaming_hu=uniform(0, 150) if uniform() < 0.45 else 0.0,
    )


def as_numbers(contrast: Contrast) -> dict[str, float]:
    """Return the table for a case's description."""
    return {name: round(float(value), 1) for name, value in asdict(contrast).items()}
