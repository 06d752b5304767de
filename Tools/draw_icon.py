"""Draw the extension's icon: the aortic root seen from the aorta, with the seven landmarks in their own colors.

``python Tools/draw_icon.py`` writes FedKDSlicer/Resources/Icons/FedKDSlicer.png.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from fedkd.anatomy import LANDMARK_BY_NAME

ICON_FILE = Path(__file__).resolve().parents[1] / "FedKDSlicer" / "Resources" / "Icons" / "FedKDSlicer.png"
SIZE = 128
SOFTNESS = 1.5 / SIZE * 2  # width of the antialiased edge, in the drawing's unit (the icon spans -1 to 1)
CENTER = np.array([0.02, 0.1])  # of the picture; (0, 0) is the axis of the root

BACKGROUND = np.array([0.09, 0.11, 0.16])
LUMEN = np.array([0.55, 0.16, 0.18])
WALL = np.array([0.93, 0.90, 0.86])

# Degrees, counterclockwise from the image's right: anterior is up and the patient's left is on the right.
SINUS_ANGLE = {"RCC": 90.0, "LCC": -30.0, "NCC": 210.0}
DOTS = {
    "RCC": (90.0, 0.36),
    "LCC": (-30.0, 0.36),
    "NCC": (210.0, 0.36),
    "RCO": (72.0, 0.78),
    "LCO": (-14.0, 0.77),
    "MS1": (150.0, 0.58),
    "MS2": (150.0, 0.84),
}


def polar(angle_deg: float, radius: float) -> np.ndarray:
    """Return (x, y) with y upwards."""
    angle = np.radians(angle_deg)
    return radius * np.array([np.cos(angle), np.sin(angle)])


def paint(picture: np.ndarray, distance: np.ndarray, color: np.ndarray) -> None:
    """Paint where the signed ``distance`` to a shape is negative, with a soft edge."""
    cover = np.clip(0.5 - distance / SOFTNESS, 0, 1)[..., None]
    picture *= 1 - cover
    picture += cover * color


def draw() -> np.ndarray:
    """Return the icon, shape (SIZE, SIZE, 4), 0 to 1."""
    axis = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    place = np.stack(np.meshgrid(axis, -axis), axis=-1) + CENTER

    picture = np.empty((SIZE, SIZE, 3))
    picture[:] = BACKGROUND
    sinuses = [np.linalg.norm(place - polar(angle, 0.36), axis=-1) - 0.41 for angle in SINUS_ANGLE.values()]
    root = -0.05 * np.log(sum(np.exp(-distance / 0.05) for distance in sinuses))  # smooth union of three discs
    paint(picture, root - 0.05, WALL)
    paint(picture, root, LUMEN)
    for angle in SINUS_ANGLE.values():
        commissure = polar(angle + 60, 1.0)
        along = np.clip(place @ commissure, 0, 0.40)
        paint(picture, np.linalg.norm(place - along[..., None] * commissure, axis=-1) - 0.022, WALL)
    for name, (angle, radius) in DOTS.items():
        distance = np.linalg.norm(place - polar(angle, radius), axis=-1)
        paint(picture, distance - 0.145, BACKGROUND)
        paint(picture, distance - 0.11, np.array(LANDMARK_BY_NAME[name].color_rgb))

    corner = np.maximum(np.abs(place - CENTER) - 0.72, 0)
    plate = np.linalg.norm(corner, axis=-1) - 0.27
    alpha = np.clip(0.5 - plate / SOFTNESS, 0, 1)[..., None]
    return np.concatenate([picture, alpha], axis=-1)


if __name__ == "__main__":
    ICON_FILE.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.round(draw() * 255).astype(np.uint8)).save(ICON_FILE, optimize=True)
