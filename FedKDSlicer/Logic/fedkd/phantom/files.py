"""Writes a phantom as a case folder, as training and evaluation read it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.atomic import writing_error
from fedkd.case.labeled_files import (
    CALCIFICATION_LABEL_FILE,
    CORONARIES_LABEL_FILE,
    CT_FILE,
    DESCRIPTION_FILE,
    HEART_LABEL_FILE,
)
from fedkd.case.layout import LANDMARKS_FILE
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.phantom.make import Phantom
from fedkd.pointsets import PointList, write_points

_MOST_DESCRIPTION_BYTES = 1_000_000


def is_finished(folder: Path) -> bool:
    """True when the case was written; folders appear only as a whole."""
    return (folder / DESCRIPTION_FILE).is_file()


def seed_of(folder: Path) -> int | None:
    """Return the seed of the phantom in a case folder; None where there is no phantom that we could have written."""
    path = folder / DESCRIPTION_FILE
    try:
        if not path.is_file() or path.stat().st_size > _MOST_DESCRIPTION_BYTES:
            return None
        description = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(description, dict) or description.get("family") != "phantom":
        return None
    seed = description.get("seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else None


def write_case(folder: Path, phantom: Phantom) -> None:
    """Write the case folder; it appears at once, complete.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise writing_error(folder, error) from error
    try:
        _write_files(beside, phantom)
        beside.chmod(0o755)
        os.replace(beside, folder)
    except OSError as error:
        raise writing_error(folder, error) from error
    except RuntimeError as error:  # SimpleITK's own, without the operating system's reason
        raise _not_writable(folder) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_files(folder: Path, phantom: Phantom) -> None:
    _write_image(folder / CT_FILE, phantom.ct, phantom.grid)
    _write_image(folder / HEART_LABEL_FILE, phantom.heart, phantom.grid)
    _write_image(folder / CALCIFICATION_LABEL_FILE, phantom.calcification, phantom.grid)
    _write_image(folder / CORONARIES_LABEL_FILE, phantom.coronaries, phantom.grid)
    if phantom.points:
        _write_points(folder / LANDMARKS_FILE, phantom.points)
    text = json.dumps(phantom.description, indent=1, default=float)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def _write_image(path: Path, array_zyx: np.ndarray, grid: Grid) -> None:
    sitk.WriteImage(grid.to_image(array_zyx), str(path), useCompression=True, compressionLevel=1)


def _write_points(path: Path, points: dict[str, tuple[float, float, float]]) -> None:
    write_points(path, PointList.from_positions({name: points.get(name) for name in LANDMARK_NAMES}))


def _not_writable(folder: Path) -> FedkdError:
    return FedkdError(
        ExitCode.OUTPUT_NOT_WRITABLE,
        "An image of the phantom could not be written.",
        where=folder,
        what_to_do="Choose a folder with write permission and free space.",
    )
