"""One whole patient: every part drawn from its own stream of random numbers, and painted in order."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.phantom.body import Body
from fedkd.phantom.calcium import ValveCalcium, draw_calcium, paint_calcium
from fedkd.phantom.canvas import Canvas
from fedkd.phantom.chambers import (
    Chambers,
    draw_chambers,
    heart_surface,
    paint_left_atrium,
    paint_left_ventricle_cavity,
    paint_myocardium,
    paint_right_heart,
)
from fedkd.phantom.chest import Chest, draw_chest, paint_chest
from fedkd.phantom.contrast import Contrast, draw_contrast
from fedkd.phantom.coronaries import Coronary, draw_coronaries, paint_coronary
from fedkd.phantom.devices import Devices, draw_devices, paint_metal, paint_table
from fedkd.phantom.leaflets import Leaflets, LeafletSurface, draw_leaflets, paint_leaflets, paint_mitral_leaflet
from fedkd.phantom.parameters import USUAL_ANNULUS, AnnulusSize, draw_root
from fedkd.phantom.root_paint import (
    Surroundings,
    draw_surroundings,
    lumen_shape,
    paint_blood,
    paint_fat,
    paint_septum,
    paint_wall,
    root_region,
)
from fedkd.phantom.root_shape import RootShape
from fedkd.phantom.shapes import union
from fedkd.phantom.vessels import (
    Vessels,
    draw_vessels,
    paint_ascending_lumen,
    paint_ascending_wall,
    paint_pulmonary_wall,
    paint_vessels_behind,
)


@dataclass(frozen=True)
class Patient:
    """All that is drawn before a scan: the same patient can be put on any grid."""

    body: Body
    root: RootShape
    surroundings: Surroundings
    chambers: Chambers
    leaflets: Leaflets
    vessels: Vessels
    chest: Chest
    coronaries: tuple[Coronary, Coronary]
    calcium: ValveCalcium
    devices: Devices
    contrast: Contrast

    def landmarks_lps_mm(self) -> dict[str, tuple[float, float, float]]:
        """Return the seven points, LPS mm, in the order of ``LANDMARK_NAMES``."""
        return landmarks_lps_mm(self.root, self.body)


def landmarks_lps_mm(root: RootShape, body: Body) -> dict[str, tuple[float, float, float]]:
    """Return the seven points of a root in a body, LPS mm, in the order of ``LANDMARK_NAMES``."""
    points = root.landmarks()
    moved = body.to_lps(np.stack([points[name] for name in LANDMARK_NAMES]))
    return {name: (float(x), float(y), float(z)) for name, (x, y, z) in zip(LANDMARK_NAMES, moved, strict=True)}


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random numbers of one part, so that a change in one part leaves the others as they are."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def draw_patient(seed: int, annulus: AnnulusSize = USUAL_ANNULUS) -> Patient:
    """Draw the patient of a seed, from a population with such annuli."""
    root = RootShape(draw_root(stream(seed, "root"), annulus))
    chambers = draw_chambers(stream(seed, "chambers"), root)
    leaflets = draw_leaflets(stream(seed, "leaflets"), root, chambers.left_ventricle)
    vessels = draw_vessels(stream(seed, "vessels"), root, chambers)
    # Arteries run on the heart and beside the aorta, never through them.
    solid = union(
        heart_surface(chambers, vessels.pulmonary_artery), lumen_shape(root, vessels).shrunk(-root.parameters.wall_mm)
    )
    return Patient(
        body=Body.draw(stream(seed, "body")),
        root=root,
        surroundings=draw_surroundings(stream(seed, "surroundings")),
        chambers=chambers,
        leaflets=leaflets,
        vessels=vessels,
        chest=draw_chest(stream(seed, "chest"), chambers, vessels),
        coronaries=draw_coronaries(stream(seed, "coronaries"), root, solid),
        calcium=draw_calcium(stream(seed, "calcium"), LeafletSurface(root, leaflets)),
        devices=draw_devices(stream(seed, "devices"), chambers),
        contrast=draw_contrast(stream(seed, "contrast")),
    )


def paint_patient(canvas: Canvas, patient: Patient) -> npt.NDArray[np.uint8]:
    """Paint CT and heart map onto the canvas and return the calcification, zyx; later parts cover earlier ones."""
    contrast, chambers, vessels, root = patient.contrast, patient.chambers, patient.vessels, patient.root
    wall_mm = root.parameters.wall_mm
    lumen = lumen_shape(root, vessels)
    paint_chest(canvas, patient.chest, contrast)
    paint_table(canvas, patient.devices)
    paint_pulmonary_wall(canvas, vessels, contrast)
    paint_right_heart(canvas, chambers, contrast)
    paint_vessels_behind(canvas, vessels, contrast)
    paint_left_atrium(canvas, chambers, contrast)
    paint_myocardium(canvas, chambers, contrast)
    voxels = root_region(canvas, root)
    paint_fat(canvas, voxels, root, patient.surroundings, contrast)
    paint_ascending_wall(canvas, vessels, contrast, wall_mm)
    paint_wall(canvas, voxels, root, patient.surroundings, contrast)
    paint_left_ventricle_cavity(canvas, chambers, contrast)
    paint_septum(canvas, voxels, root, patient.surroundings, contrast)
    paint_ascending_lumen(canvas, vessels, contrast)
    paint_blood(canvas, voxels, lumen, patient.surroundings, contrast)
    paint_mitral_leaflet(canvas, voxels, root, patient.leaflets, contrast)
    paint_leaflets(canvas, voxels, LeafletSurface(root, patient.leaflets), contrast)
    for coronary in patient.coronaries:
        paint_coronary(canvas, coronary, lumen, wall_mm, contrast)
    paint_metal(canvas, patient.devices)
    return paint_calcium(canvas, patient.calcium, contrast.aorta_hu)
