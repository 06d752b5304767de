"""Draws the protocol's pictures: ``python Tools/draw_protocol.py``. Colors are those of `fedkd.anatomy`.

Left in each picture: the root seen from the feet, as in an axial slice. Right: a cut along its axis, aorta up.
Azimuths are those of the standard root of the phantoms, counterclockwise seen from the aorta, 0 at the front.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fedkd.anatomy import HINGE_POINTS, LANDMARK_BY_NAME, LANDMARK_NAMES, OSTIA, SEPTUM
from fedkd.phantom.analytic.root import STANDARD_PARAMETERS
from fedkd.phantom.root_shape import RootShape

FOLDER = Path(__file__).resolve().parents[1] / "FedKDSlicer" / "Resources" / "Protocol"
WIDTH, HEIGHT = 440, 236
PAPER, LUMEN, WALL, NEIGHBOR, INK, FAINT = "#ffffff", "#dfe6ec", "#4d5963", "#f2ece6", "#1c2227", "#6b7680"

# The root from the feet: middle, and pixels for a millimeter.
FACE_X, FACE_Y, FACE_PX = 104.0, 122.0, 3.5
# The cut: axis, and heights on the page.
CUT_X, AORTA_Y, JUNCTION_Y, ANNULUS_Y, BOTTOM_Y = 312.0, 26.0, 74.0, 150.0, 218.0
HALF_ANNULUS, HALF_SINUS, HALF_JUNCTION = 40.0, 56.0, 43.0
MEMBRANE_END_Y = 176.0

_CUSPS = dict(zip(HINGE_POINTS, STANDARD_PARAMETERS.hinge_azimuths, strict=True))
_OSTIA = dict(zip(OSTIA, STANDARD_PARAMETERS.ostium_azimuths, strict=True))
_OF_OSTIUM = {"RCO": "RCC", "LCO": "LCC"}


def picture(label: str) -> str:
    """Return the SVG for one landmark."""
    parts = [*_face(label), *(_cut_septum(label) if label in SEPTUM else _cut_cusp(label))]
    body = "\n".join(f"  {part}" for part in parts)
    title = LANDMARK_BY_NAME[label].full_name
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">\n  <title>{label}: {title}</title>\n'
        f'  <rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


# ---- from the feet


def _face(label: str) -> list[str]:
    shape = RootShape(STANDARD_PARAMETERS)
    azimuths = np.linspace(0, 2 * np.pi, 361)
    sinus = [_on_face(a, r) for a, r in zip(azimuths, shape.inner_radius_mm(azimuths, np.full(361, 9.0)), strict=True)]
    annulus = [_on_face(a, r) for a, r in zip(azimuths, shape.inner_radius_mm(azimuths, np.zeros(361)), strict=True)]
    parts = [
        _text(FACE_X, 14, "Seen from the feet", anchor="middle", weight="bold"),
        *(_artery(ostium, label) for ostium in OSTIA),
        f'<path d="{_path(sinus)} Z" fill="{LUMEN}" stroke="{WALL}" stroke-width="4"/>',
        *_closed_valve(shape),
        f'<path d="{_path(annulus)} Z" fill="none" stroke="{FAINT}" stroke-dasharray="4 3"/>',
        *_directions(),
    ]
    for cusp, azimuth in _CUSPS.items():
        x, y = _on_face(azimuth, 6.5)
        parts.append(_text(x, y + 4, cusp[0], anchor="middle", color=FAINT, size=13))
    parts += _septum_on_face(label) if label in SEPTUM else []
    done = LANDMARK_NAMES[: LANDMARK_NAMES.index(label)] if label in HINGE_POINTS else HINGE_POINTS
    parts += [
        _dot(*_on_face(_CUSPS[cusp], _annulus_radius(_CUSPS[cusp])), cusp, 3.5) for cusp in done if cusp in _CUSPS
    ]
    return [*parts, *_target_on_face(label)]


def _target_on_face(label: str) -> list[str]:
    if label in SEPTUM:
        return []
    if label in OSTIA:
        azimuth, radius = _OSTIA[label], float(_sinus_radius(_OSTIA[label]))
    else:
        azimuth, radius = _CUSPS[label], _annulus_radius(_CUSPS[label])
    return [_dot(*_on_face(azimuth, radius), label, 7.0)]


def _septum_on_face(label: str) -> list[str]:
    middle = STANDARD_PARAMETERS.septum_azimuth
    arc = [_on_face(a, _annulus_radius(a) + 1.2) for a in np.linspace(middle - 0.25, middle + 0.25, 9)]
    inner, outer = _on_face(middle, 3.0), _on_face(middle, 24.0)
    color = _color(label)
    return [
        f'<path d="{_path([inner, outer])}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="6 3" fill="none"/>',
        f'<path d="{_path(arc)}" stroke="{INK}" stroke-width="7" fill="none"/>',
        f'<path d="{_path(arc)}" stroke="{color}" stroke-width="5" fill="none"/>',
        _text(outer[0] - 2, outer[1] - 5, "cut", anchor="end"),
    ]


def _artery(ostium: str, label: str) -> str:
    azimuth = _OSTIA[ostium]
    start, end = _on_face(azimuth, _sinus_radius(azimuth) - 1), _on_face(azimuth + 0.12, _sinus_radius(azimuth) + 9)
    width = 13 if ostium == label else 9
    return (
        f'<path d="{_path([start, end])}" stroke="{WALL}" stroke-width="{width + 4}" fill="none"/>'
        f'<path d="{_path([start, end])}" stroke="{LUMEN}" stroke-width="{width}" fill="none"/>'
    )


def _closed_valve(shape: RootShape) -> list[str]:
    center = _on_face(0.0, 0.0)
    lines = []
    for azimuth in STANDARD_PARAMETERS.commissure_azimuths:
        beside = azimuth + np.linspace(-0.1, 0.1, 41)
        radius = float(shape.inner_radius_mm(beside, np.full(41, 9.0)).min())
        lines.append(f'<path d="{_path([center, _on_face(azimuth, radius)])}" stroke="{WALL}" stroke-width="2.5"/>')
    return lines


def _directions() -> list[str]:
    around = (
        (FACE_X, 30, "front", "middle"),
        (FACE_X, 214, "back", "middle"),
        (4, FACE_Y + 4, "right", "start"),
        (190, FACE_Y + 4, "left", "end"),
    )
    return [_text(x, y, text, anchor=anchor, color=FAINT) for x, y, text, anchor in around]


# ---- cut along the axis


def _cut_cusp(label: str) -> list[str]:
    cusp = _OF_OSTIUM.get(label, label)
    ostium_y = 104.0
    parts = [_text(CUT_X, 14, f"Cut along the axis, through {cusp}", anchor="middle", weight="bold")]
    if label in OSTIA:
        parts.append(_tube(CUT_X - 92, ostium_y - 12, CUT_X - HALF_SINUS + 8, ostium_y, 17))
    parts += [
        f'<path d="{_outline()}" fill="{LUMEN}" stroke="none"/>',
        *(f'<path d="{_side_wall(side)}" fill="none" stroke="{WALL}" stroke-width="4"/>' for side in (-1, 1)),
        f'<path d="{_leaflet(-1)}" fill="none" stroke="{WALL}" stroke-width="3"/>',
        f'<path d="{_leaflet(1)}" fill="none" stroke="{WALL}" stroke-width="3"/>',
        *_names(),
    ]
    if label in OSTIA:
        edge = CUT_X - HALF_SINUS + 1
        parts += [
            *_annulus(),
            f'<rect x="{edge - 6}" y="{ostium_y - 10}" width="12" height="17" fill="{LUMEN}"/>',
            _dot(edge, ostium_y - 1.5, label, 7.0, name_right=True),
            _dot(CUT_X - HALF_ANNULUS, ANNULUS_Y, cusp, 3.5),
            _text(CUT_X - 92, ostium_y - 26, "artery", color=FAINT),
        ]
        return parts
    return [*parts, *_slices(), _dot(CUT_X - HALF_ANNULUS, ANNULUS_Y, label, 7.0)]


def _slices() -> list[str]:
    left, right = CUT_X - 62, CUT_X + 62
    levels = ((ANNULUS_Y - 24, "pocket seen"), (ANNULUS_Y, "stop here"), (ANNULUS_Y + 24, "gone"))
    parts = [_text(right + 4, ANNULUS_Y - 48, "scroll", size=10), _arrow(right + 20, ANNULUS_Y - 44)]
    for y, text in levels:
        dash = "none" if y == ANNULUS_Y else "2 3"
        parts.append(f'<path d="M {left} {y} H {right}" stroke="{INK}" stroke-dasharray="{dash}" fill="none"/>')
        parts.append(_text(right + 4, y + 4, text, size=10, weight="bold" if y == ANNULUS_Y else "normal"))
    return parts


def _arrow(x: float, y: float) -> str:
    return f'<path d="M {x} {y} v 9 m -4 -4 l 4 5 l 4 -5" stroke="{INK}" fill="none"/>'


def _cut_septum(label: str) -> list[str]:
    left = CUT_X - HALF_ANNULUS
    # The wall below the commissure is thin, the membrane thinner; the muscular septum begins with a crest.
    muscle = (
        f"M {left - 2} {MEMBRANE_END_Y - 2} C {left - 14} {MEMBRANE_END_Y - 2} {left - 24} {MEMBRANE_END_Y + 14} "
        f"{left - 24} {BOTTOM_Y} H {left + 6} V {MEMBRANE_END_Y + 10} C {left + 6} {MEMBRANE_END_Y + 2} "
        f"{left + 3} {MEMBRANE_END_Y - 2} {left - 2} {MEMBRANE_END_Y - 2} Z"
    )
    upper, lower = (left - 1, ANNULUS_Y), (left - 1, MEMBRANE_END_Y)
    parts = [
        _text(CUT_X, 14, "Cut across the septum", anchor="middle", weight="bold"),
        f'<rect x="{CUT_X - 112}" y="{JUNCTION_Y}" width="76" height="{BOTTOM_Y - JUNCTION_Y}" fill="{NEIGHBOR}"/>',
        f'<path d="{_outline(left_sinus=False)}" fill="{LUMEN}" stroke="none"/>',
        f'<path d="{_side_wall(1)}" fill="none" stroke="{WALL}" stroke-width="4"/>',
        f'<path d="{_leaflet(1)}" fill="none" stroke="{WALL}" stroke-width="3"/>',
        f'<path d="M {CUT_X - HALF_JUNCTION} {AORTA_Y} V {JUNCTION_Y} L {left - 1} {ANNULUS_Y}" fill="none" '
        f'stroke="{WALL}" stroke-width="4"/>',
        f'<path d="M {upper[0]} {upper[1]} V {lower[1]}" stroke="{_color(label)}" stroke-width="3.5"/>',
        f'<path d="{muscle}" fill="{WALL}"/>',
        *_names(),
        *_annulus(),
        f'<path d="M {CUT_X - HALF_JUNCTION - 12} {JUNCTION_Y + 4} h 10" stroke="{INK}"/>',
        _text(CUT_X - HALF_JUNCTION - 15, JUNCTION_Y + 8, "commissure", anchor="end", size=10),
        _text(CUT_X - 108, ANNULUS_Y - 26, "right atrium", color=FAINT, size=10),
        _text(CUT_X - 110, BOTTOM_Y - 18, "right", color=FAINT, size=10),
        _text(CUT_X - 110, BOTTOM_Y - 6, "ventricle", color=FAINT, size=9),
        _text(left - 9, BOTTOM_Y - 6, "muscle", anchor="middle", color=PAPER, size=8),
    ]
    first, second = (upper, lower) if label == "MS1" else (lower, upper)
    other = "MS2" if label == "MS1" else "MS1"
    return [*parts, _dot(*second, other, 3.5), _dot(*first, label, 7.0)]


def _outline(*, left_sinus: bool = True) -> str:
    sinus = HALF_SINUS if left_sinus else HALF_ANNULUS
    return (
        f"M {CUT_X - HALF_JUNCTION} {AORTA_Y} V {JUNCTION_Y} C {CUT_X - sinus - 8} {JUNCTION_Y + 14} "
        f"{CUT_X - sinus - 8} {ANNULUS_Y - 26} {CUT_X - HALF_ANNULUS} {ANNULUS_Y} V {BOTTOM_Y} "
        f"H {CUT_X + HALF_ANNULUS} V {ANNULUS_Y} C {CUT_X + HALF_SINUS + 8} {ANNULUS_Y - 26} "
        f"{CUT_X + HALF_SINUS + 8} {JUNCTION_Y + 14} {CUT_X + HALF_JUNCTION} {JUNCTION_Y} V {AORTA_Y}"
    )


def _side_wall(side: int) -> str:
    bulge = CUT_X + side * (HALF_SINUS + 8)
    return (
        f"M {CUT_X + side * HALF_ANNULUS} {BOTTOM_Y} V {ANNULUS_Y} C {bulge} {ANNULUS_Y - 26} "
        f"{bulge} {JUNCTION_Y + 14} {CUT_X + side * HALF_JUNCTION} {JUNCTION_Y} V {AORTA_Y}"
    )


def _leaflet(side: int) -> str:
    hinge = CUT_X + side * HALF_ANNULUS
    return (
        f"M {hinge} {ANNULUS_Y} C {hinge - side * 6} {ANNULUS_Y - 34} {CUT_X + side * 10} {ANNULUS_Y - 10} "
        f"{CUT_X + side * 2} {ANNULUS_Y - 46}"
    )


def _names() -> list[str]:
    return [
        _text(CUT_X, AORTA_Y + 12, "aorta", anchor="middle", color=FAINT),
        _text(CUT_X, BOTTOM_Y - 8, "outflow tract", anchor="middle", color=FAINT, size=10),
    ]


def _annulus() -> list[str]:
    return [
        f'<path d="M {CUT_X - HALF_ANNULUS} {ANNULUS_Y} H {CUT_X + 66}" stroke="{FAINT}" stroke-dasharray="4 3"/>',
        _text(CUT_X + 70, ANNULUS_Y + 4, "annulus", color=FAINT),
    ]


# ---- small things


def _tube(x0: float, y0: float, x1: float, y1: float, width: float) -> str:
    bend = f"M {x0} {y0} C {x0 + 20} {y0 + 2} {x1 - 20} {y1} {x1} {y1}"
    return (
        f'<path d="{bend}" stroke="{WALL}" stroke-width="{width + 5}" fill="none"/>'
        f'<path d="{bend}" stroke="{LUMEN}" stroke-width="{width}" fill="none"/>'
    )


def _dot(x: float, y: float, label: str, radius: float, *, name_right: bool = False) -> str:
    """Return a point; a large one with its name, at its right in the left half of the picture."""
    circle = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{_color(label)}" stroke="{INK}" stroke-width="1.5"/>'
    )
    if radius < 5:
        return circle
    is_right = name_right or x < FACE_X * 2
    where = f'x="{x + (11 if is_right else -11):.1f}" y="{y + 5:.1f}" text-anchor="{"start" if is_right else "end"}"'
    font = 'font-size="14" font-weight="bold"'
    # A rim of paper below the name keeps it readable on lines.
    rim = f'<text {where} {font} stroke="{PAPER}" stroke-width="4">{label}</text>'
    return f"{circle}{rim}<text {where} {font}>{label}</text>"


def _text(x: float, y: float, text: str, **style: object) -> str:
    names = {"anchor": "text-anchor", "color": "fill", "size": "font-size", "weight": "font-weight"}
    given = "".join(f' {names[key]}="{value}"' for key, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{given}>{text}</text>'


def _on_face(azimuth: float, radius_mm: float) -> tuple[float, float]:
    return (
        FACE_X + FACE_PX * float(radius_mm) * float(np.sin(azimuth)),
        FACE_Y - FACE_PX * float(radius_mm) * float(np.cos(azimuth)),
    )


def _annulus_radius(azimuth: float) -> float:
    return float(RootShape(STANDARD_PARAMETERS).inner_radius_mm(np.array([azimuth]), np.array([0.0]))[0])


def _sinus_radius(azimuth: float) -> float:
    return float(RootShape(STANDARD_PARAMETERS).inner_radius_mm(np.array([azimuth]), np.array([9.0]))[0])


def _path(points: list[tuple[float, float]]) -> str:
    return "M " + " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _color(label: str) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in LANDMARK_BY_NAME[label].color_rgb)


def main() -> None:
    """Write the seven files."""
    for label in LANDMARK_NAMES:
        (FOLDER / f"{label}.svg").write_text(picture(label), encoding="utf-8")


if __name__ == "__main__":
    main()
