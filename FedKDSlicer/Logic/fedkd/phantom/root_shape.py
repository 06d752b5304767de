"""The aortic root as a cylindrical model: inner radius over azimuth and height, cusps and commissures.

Root frame: origin in the middle of the annulus, e1 pointing to the patient's front, e3 (the axis) to the ascending
aorta; azimuth runs counterclockwise seen from the aorta, so RCC, LCC and NCC follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fedkd.phantom.parameters import RootParameters
from fedkd.phantom.shapes import Floats, Points, Vector, unit

LV_OUTFLOW_LENGTH_MM = 14.0


@dataclass(frozen=True)
class CuspPosition:
    """Where an azimuth lies: cusp 0..2, ``to_commissure`` 0 (nadir) to 1, height of the leaflet's attachment."""

    cusp: npt.NDArray[np.int8]
    to_commissure: Floats
    attachment_mm: Floats


@dataclass(frozen=True)
class Cylindrical:
    """Points in the root's cylindrical coordinates, float32."""

    radius_mm: Floats
    azimuth: Floats
    height_mm: Floats


def azimuth_difference(a: Floats, b: float) -> Floats:
    """Return ``a - b`` wrapped into -pi..pi."""
    return np.asarray((a - b + np.pi) % (2 * np.pi) - np.pi, np.float32)


class RootShape:
    """Geometry of one root."""

    def __init__(self, parameters: RootParameters) -> None:
        self.parameters = parameters
        axis = unit(parameters.axis)
        front = np.array([0.0, -1.0, 0.0])
        first = unit(front - axis * (axis @ front))
        self.axis = axis
        self.frame = np.stack([first, np.cross(axis, first), axis])  # rows: e1, e2, e3

    def to_phantom(self, root_mm: npt.ArrayLike) -> Vector:
        """Map offsets in the root frame, shape (..., 3), to the phantom's frame."""
        return np.asarray(root_mm, float) @ self.frame

    def outward(self, azimuth: float) -> Vector:
        """Return the unit vector from the axis to the wall, in the phantom's frame."""
        return self.to_phantom([np.cos(azimuth), np.sin(azimuth), 0.0])

    def on_wall(self, azimuth: float, height_mm: float) -> Vector:
        """Return the point of the inner wall, in the phantom's frame."""
        radius = float(self.inner_radius_mm(np.array([azimuth], np.float32), np.array([height_mm], np.float32))[0])
        return self.to_phantom([radius * np.cos(azimuth), radius * np.sin(azimuth), height_mm])

    def cylindrical(self, points: Points) -> Cylindrical:
        """Return the cylindrical coordinates of points of the phantom's frame."""
        frame = self.frame.astype(np.float32)
        a, b, c = (row[0] * points[0] + row[1] * points[1] + row[2] * points[2] for row in frame)
        return Cylindrical(np.sqrt(a * a + b * b), np.arctan2(b, a), c)

    def cusp_position(self, azimuth: npt.ArrayLike) -> CuspPosition:
        """Return the cusp at each azimuth; attachments rise from the nadir as a parabola to the commissures."""
        p = self.parameters
        angles = np.asarray(azimuth, np.float32)
        cusp = np.zeros(angles.shape, np.int8)
        part = np.zeros(angles.shape, np.float32)
        before = (p.commissure_azimuths[2] - 2 * np.pi, p.commissure_azimuths[0], p.commissure_azimuths[1])
        for k in range(3):
            offset = azimuth_difference(angles, p.hinge_azimuths[k])
            low = np.float32(before[k] - p.hinge_azimuths[k])
            high = np.float32(p.commissure_azimuths[k] - p.hinge_azimuths[k])
            inside = (offset >= low) & (offset < high)
            cusp[inside] = k
            part = np.where(inside, np.where(offset > 0, offset / high, offset / low), part)
        part = np.clip(part, 0, 1)
        return CuspPosition(cusp, part, np.asarray(p.commissure_height_mm * part**2, np.float32))

    def inner_radius_mm(self, azimuth: npt.ArrayLike, height_mm: npt.ArrayLike) -> Floats:
        """Return the distance from the axis to the inner wall: outflow tract, annulus, sinuses, junction."""
        p = self.parameters
        angles, z = np.asarray(azimuth, np.float32), np.asarray(height_mm, np.float32)
        annulus = self._ellipse(angles, p.annulus_diameter_mm / 2, p.annulus_ellipticity)
        outflow = self._ellipse(angles, p.annulus_diameter_mm / 2 * p.outflow_scale, p.outflow_ellipticity)
        down = np.clip(-z / np.float32(LV_OUTFLOW_LENGTH_MM), 0, 1)
        up = np.clip(z / np.float32(p.junction_height_mm), 0, 1)
        up = up * up * (3 - 2 * up)
        junction = np.float32(p.junction_radius_mm)
        base = np.where(z < 0, annulus * (1 - down) + outflow * down, annulus * (1 - up) + junction * up)
        at = self.cusp_position(angles)
        rise = np.clip((z - at.attachment_mm) / np.maximum(p.junction_height_mm - at.attachment_mm, 1), 0, 1)
        bulge = np.asarray(p.sinus_bulge_mm, np.float32)[at.cusp] * (1 - at.to_commissure**2.2)
        return np.asarray(base + bulge * np.clip(np.sin(np.pi * rise**0.75), 0, 1) ** 0.7, np.float32)

    def _ellipse(self, azimuth: Floats, mean_radius_mm: float, ellipticity: float) -> Floats:
        a, b = mean_radius_mm * np.sqrt(ellipticity), mean_radius_mm / np.sqrt(ellipticity)
        turned = azimuth - np.float32(self.parameters.annulus_major_azimuth)
        return np.asarray(a * b / np.sqrt((b * np.cos(turned)) ** 2 + (a * np.sin(turned)) ** 2), np.float32)

    def landmarks(self) -> dict[str, Vector]:
        """Return the seven points in the phantom's frame, mm."""
        p = self.parameters
        return {
            "RCC": self.on_wall(p.hinge_azimuths[0], 0.0),
            "LCC": self.on_wall(p.hinge_azimuths[1], 0.0),
            "NCC": self.on_wall(p.hinge_azimuths[2], 0.0),
            "RCO": self.on_wall(p.ostium_azimuths[0], p.ostium_heights_mm[0]),
            "LCO": self.on_wall(p.ostium_azimuths[1], p.ostium_heights_mm[1]),
            "MS1": self.on_wall(p.septum_azimuth, p.septum_top_mm),
            "MS2": self.on_wall(p.septum_azimuth, p.septum_bottom_mm),
        }
