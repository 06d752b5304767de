"""Which files of a case folder are made from its landmarks, calcification and CT, and which are the reader's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from fedkd.anatomy import STUDY_ORDERS
from fedkd.case.layout import (
    CALCIFICATION_FILE,
    DICOM_FOLDER,
    MARKED_FILE,
    MEASUREMENTS_FILE,
    MEASUREMENTS_TABLE_FILE,
    PROVENANCE_FILE,
    REPORT_FILE,
    REPORT_PDF_FILE,
    SCENE_FILE,
    SHAPES_FILE,
    VIEWS_FOLDER,
)

MADE_FILES: frozenset[str] = frozenset(
    {
        *STUDY_ORDERS,
        CALCIFICATION_FILE,
        DICOM_FOLDER,
        MARKED_FILE,
        MEASUREMENTS_FILE,
        MEASUREMENTS_TABLE_FILE,
        PROVENANCE_FILE,
        REPORT_FILE,
        REPORT_PDF_FILE,
        SCENE_FILE,
        SHAPES_FILE,
        VIEWS_FOLDER,
    }
)


def keep_other_files(case_folder: Path, new_folder: Path) -> None:
    """Put everything but MADE_FILES of a case folder into the folder that will replace it; links stay links.

    Raises:
        OSError: a file cannot be read or written.
    """

    def made(folder: str, names: Iterable[str]) -> set[str]:
        return set(MADE_FILES & set(names)) if Path(folder) == case_folder else set()

    shutil.copytree(
        case_folder, new_folder, symlinks=True, ignore=made, copy_function=_link_or_copy, dirs_exist_ok=True
    )


def _link_or_copy(source: str, target: str) -> str:
    """Give the file a second name, which costs no room; where that does not work, copy it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)
    return target
