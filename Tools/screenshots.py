"""Takes the pictures of Docs/tutorial.md: follows the tutorial step by step, with real processes of the engine.

Writes Docs/Screenshots/panel_*.png anew. Needs no screen. Takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "Testing"))

import numpy as np  # noqa: E402 (some of those below need the path above)
import slicer  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtWidgets import QWidget  # noqa: E402

from fedkd.pointsets import read_points  # noqa: E402
from harness.cut_words import cut_words  # noqa: E402
from harness.fixtures import running_slicer  # noqa: E402
from harness.pictures import take_panel_picture, take_window_picture  # noqa: E402
from walkthrough import annotate_steps, other_steps, predict_steps  # noqa: E402
from walkthrough.step import follow  # noqa: E402
from walkthrough.tutorial_text import written_steps  # noqa: E402
from walkthrough.visitor import Visitor  # noqa: E402

FOLDER = REPOSITORY / "Docs" / "Screenshots"
_WINDOW_PX = (1360, 850)
# Five bits a color: half as large. A palette would be smaller, but turns a landmark's color into another.
_KEPT_BITS = 0b11111000


class Photographer:
    """Writes each picture under the tutorial's name for it."""

    def window(self, name: str) -> None:
        """Picture the window."""
        take_window_picture(_file(name), _WINDOW_PX)
        cut = cut_words(slicer.app.mainWindow())
        assert not cut, f"{name}: words are cut: {cut}"
        _shrink(_file(name))

    def panel(self, name: str, panel: QWidget) -> None:
        """Picture the whole panel, however high it is."""
        take_panel_picture(panel, _file(name))
        _shrink(_file(name))


def main() -> None:
    """Take all pictures anew."""
    for old in FOLDER.glob("panel_*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, _home() as home:
        for part, follow_part in (("predict", _predict), ("annotate", _annotate)):
            _in_slicer(Path(folder) / part, home, follow_part)
    for file in sorted(FOLDER.glob("panel_*.png")):
        print(f"{file.relative_to(REPOSITORY)}: {file.stat().st_size // 1024} KiB")


@contextmanager
def _home() -> Iterator[Path]:
    """A home folder with a name that may be seen in pictures; there must be none yet."""
    home = Path(tempfile.gettempdir()) / "reader"
    home.mkdir(mode=0o700)
    os.environ["HOME"] = str(home)
    try:
        yield home
    finally:
        shutil.rmtree(home)


def _in_slicer(scratch: Path, home: Path, follow_part: Callable[[Visitor], None]) -> None:
    running = running_slicer(scratch)
    follow_part(Visitor(next(running), home, Photographer()))
    for _ in running:  # ends the application, and fails where anything went wrong
        pass


def _predict(visitor: Visitor) -> None:
    follow(written_steps(predict_steps.PART), predict_steps.STEPS, visitor)
    results = visitor.home / predict_steps.RESULTS
    (ct,) = results.rglob("sample-ct/*/ct.nii.gz")
    follow(written_steps(other_steps.PART), other_steps.OtherTimes(ct, results).steps(), visitor)


def _annotate(visitor: Visitor) -> None:
    """Read the sample CT of the first part, blind."""
    (ct,) = (visitor.home / predict_steps.RESULTS).rglob("sample-ct/*/ct.nii.gz")
    truth = read_points(ct.parent / "landmarks.mrk.json").defined_positions_lps_mm()
    cts = visitor.home / "cts"
    for name in ("c01", "c02", "c03"):
        (cts / name).mkdir(parents=True)
        (cts / name / "ct.nii.gz").hardlink_to(ct)
    reading = annotate_steps.BlindReading(cts, truth)
    follow(written_steps(annotate_steps.PART), reading.steps(), visitor)
    (points,) = (visitor.home / annotate_steps.READINGS).rglob("hps.mps")
    follow(written_steps(other_steps.IMPORT_PART), other_steps.PointsAtHand(cts, points).steps(), visitor)


def _file(name: str) -> Path:
    return FOLDER / f"{name}.png"


def _shrink(file: Path) -> None:
    with Image.open(file) as picture:
        coarse = np.asarray(picture.convert("RGB")) & _KEPT_BITS
    white = coarse == _KEPT_BITS
    Image.fromarray(np.where(white, 255, coarse).astype(np.uint8)).save(file, optimize=True)


if __name__ == "__main__":
    main()
