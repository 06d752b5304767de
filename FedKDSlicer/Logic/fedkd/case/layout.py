"""Names of the files in a case folder, and of the helpers beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError

LANDMARKS_FILE = "landmarks.mrk.json"
CALCIFICATION_FILE = "calcification.seg.nrrd"
# What the model, or a reader, marked as calcification before any threshold: measuring again begins with it.
MARKED_FILE = "calcification.marked.seg.nrrd"
PROVENANCE_FILE = "provenance.json"
MEASUREMENTS_FILE = "measurements.json"
MEASUREMENTS_TABLE_FILE = "measurements.csv"
SHAPES_FILE = "shapes.json"
REPORT_FILE = "report.html"
REPORT_PDF_FILE = "report.pdf"
DICOM_FOLDER = "dicom"  # only when the input was DICOM
DICOM_SEGMENTATION_FILE = "dicom/segmentation.dcm"
DICOM_MEASUREMENTS_FILE = "dicom/measurements.dcm"
SCENE_FILE = "scene.mrb"
VIEWS_FOLDER = "views"
REVIEW_FILE = "review.json"
SUMMARY_FILE = "summary.csv"
LOCKS_FOLDER = ".locks"
KNOWN_CTS_FOLDER = ".known-cts"
ERROR_LOG_SUFFIX = ".error.log"

# What a case folder must hold besides its provenance to be a prediction at all.
REQUIRED_FILES: tuple[str, ...] = (LANDMARKS_FILE, CALCIFICATION_FILE)

# An observer, or a site: a code, never a name. It becomes the name of a folder.
OBSERVER_CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"

_PARTIAL_PREFIX = ".partial-"
_REPLACED_PREFIX = ".replaced-"
_SAFE_CASE_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True)
class CasePlace:
    """Where one case lives in an output folder.

    Args:
        output: the output folder of the run.
        case_id: name of the case; becomes a folder name.
        run_token: 12 hexadecimal digits that no other run uses; folders with other names are never cleared away.

    Raises:
        FedkdError: USAGE when ``case_id`` cannot be a folder name.
    """

    output: Path
    case_id: str
    run_token: str

    def __post_init__(self) -> None:
        if not _SAFE_CASE_ID.fullmatch(self.case_id):
            raise FedkdError(
                ExitCode.USAGE,
                f"{self.case_id!r} cannot be the name of a case.",
                where=self.output,
                what_to_do="Rename the CT: letters, digits, '_', '-' and '.' are allowed, no leading '.'.",
            )

    @property
    def folder(self) -> Path:
        """The finished case."""
        return self.output / self.case_id

    @property
    def partial(self) -> Path:
        """Holds everything while the case is being made."""
        return self.output / f"{_PARTIAL_PREFIX}{self.case_id}-{self.run_token}"

    @property
    def replaced(self) -> Path:
        """Where the old case waits while the new one takes its place."""
        return self.output / f"{_REPLACED_PREFIX}{self.case_id}-{self.run_token}"

    @property
    def lock_file(self) -> Path:
        """Held by the process that works on the case."""
        return self.output / LOCKS_FOLDER / f"{self.case_id}.lock"

    @property
    def error_log(self) -> Path:
        """Details of a failure that no one foresaw."""
        return self.output / f"{self.case_id}{ERROR_LOG_SUFFIX}"


def places_left_behind(output: Path) -> list[CasePlace]:
    """Return the place of every partial or set-aside folder found in ``output``, of whatever run."""
    pattern = re.compile(rf"(?:{re.escape(_PARTIAL_PREFIX)}|{re.escape(_REPLACED_PREFIX)})(.+)-([0-9a-f]{{12}})")
    matches = (pattern.fullmatch(path.name) for path in output.iterdir())
    found = {(match[1], match[2]) for match in matches if match and _SAFE_CASE_ID.fullmatch(match[1])}
    return [CasePlace(output, case_id, token) for case_id, token in sorted(found)]
