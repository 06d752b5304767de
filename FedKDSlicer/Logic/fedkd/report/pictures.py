"""The views of a case as pictures inside the page."""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from PIL import Image

from fedkd.case.layout import VIEWS_FOLDER

# Sharp at half the width of A4, and seven of them stay under 2 MB.
_LONGEST_SIDE = 800
_JPEG_QUALITY = 88
_MOST_VIEWS = 16
_MOST_BYTES = 20_000_000
_MOST_PIXELS = 40_000_000

# In the order of reading.
_KNOWN_VIEWS: dict[str, str] = {
    "annulus.png": "Annulus plane",
    "ostium_lco.png": "Left coronary ostium",
    "ostium_rco.png": "Right coronary ostium",
    "septum.png": "Membranous septum",
    "overview_3d.png": "Aortic root in 3D, three-cusp view",
    "cusp_overlap_3d.png": "Aortic root in 3D, cusp-overlap view",
    "axial.png": "Axial slice",
    "coronal.png": "Coronal slice",
}


@dataclass(frozen=True)
class Picture:
    """A view: what it shows, and its pixels as a data URI."""

    title: str
    data_uri: Markup
    width: int
    height: int


def read_pictures(case_folder: Path) -> tuple[Picture, ...]:
    """Return the case's views, known ones first; files that are no pictures are left out."""
    folder = case_folder / VIEWS_FOLDER
    files = [path for path in folder.glob("*.png") if path.is_file() and not path.is_symlink()]
    known = list(_KNOWN_VIEWS)
    files.sort(key=lambda path: (known.index(path.name) if path.name in known else len(known), path.name))
    pictures = (_read_picture(path) for path in files[:_MOST_VIEWS])
    return tuple(picture for picture in pictures if picture is not None)


def _read_picture(path: Path) -> Picture | None:
    """Return the picture drawn anew, so that nothing but pixels gets into the page."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        with warnings.catch_warnings(), Image.open(path, formats=["PNG"]) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if image.width * image.height > _MOST_PIXELS:
                return None
            pixels = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    pixels.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    # Full color resolution keeps the colored names of the landmarks legible.
    pixels.save(content, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=True)
    encoded = base64.b64encode(content.getvalue()).decode("ascii")
    title = _KNOWN_VIEWS.get(path.name) or path.stem.replace("_", " ").capitalize()
    data_uri = Markup("data:image/jpeg;base64,") + encoded
    return Picture(title, data_uri, pixels.width, pixels.height)
