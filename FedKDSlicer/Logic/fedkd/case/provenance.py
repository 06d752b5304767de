"""provenance.json: what a case was made from, with what, and how sure the result is.

It holds no patient data and no absolute path: the input is named by its file name and its hash.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.case.layout import PROVENANCE_FILE
from fedkd.confidence import Calibration, Level
from fedkd.errors import ExitCode, FedkdError
from fedkd.passes import Passes

DeviceName = Literal["auto", "cpu", "cuda"]
BackendName = Literal["auto", "torch", "openvino"]
PlacedBy = Literal["model", "file", "reader"] | None
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\]+$")]
# A file of the case folder; never leads out of it.
CaseFile = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$")]


# A real one has 10 kB. Case folders come from anyone.
_MOST_BYTES = 20_000_000


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class InputRecord(_Record):
    """The CT. ``name`` is the file's or folder's name; lengths are ordered x, y, z."""

    name: FileName
    format: str
    sha256: Sha256
    series_instance_uid: str | None = Field(default=None, description="DICOM only")
    frame_of_reference_uid: str | None = Field(default=None, description="DICOM only")
    size_xyz: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]


class MemberRecord(_Record):
    """One of several models that voted."""

    id: str
    sha256: Sha256


class ModelRecord(_Record):
    """The network's weights. Of several models that voted, ``sha256`` is that of their sorted hashes, a line each."""

    id: str
    sha256: Sha256
    members: tuple[MemberRecord, ...] = Field(default=(), description="the models that voted; empty: a single model")


class ParametersRecord(_Record):
    """What the user chose and what it became."""

    device: DeviceName
    backend: BackendName = "auto"
    heart_mask_sha256: Sha256 | None = None
    heart_labels_sha256: Sha256 | None = Field(default=None, description="of the user's label map of the heart's parts")
    heart_labels_map: str = Field(default="", description="which of its labels is which part, as the user wrote it")
    fast: bool = Field(default=False, description="a model of the study's code looked around the root only")
    passes: Passes = Field(default=Passes.STANDARD, description="how often each model looked")
    calcium_threshold: str = Field(
        default="lumen+100", description="asked for when predicting; HU such as 850, or lumen+100"
    )


class PointRecord(_Record):
    """One landmark; confidence, from 0 to 1, and spread are a model's, and null when no model placed the point."""

    label: str
    found: bool
    confidence: float | None = None
    confidence_level: Level | None = Field(default=None, description="null: the confidence is not calibrated")
    spread_mm: float | None = Field(
        default=None, ge=0, description="root mean square distance of passes and models from it; null: a single look"
    )
    description: str = ""
    placed_by: PlacedBy = Field(default="model", description="null: nobody, it has no position")
    first_lps_mm: tuple[float, float, float] | None = Field(
        default=None, description="where the model, or the file it was read from, had it; null: nowhere"
    )


class OutlineRecord(_Record):
    """What a head that is not ours outlined; outside of the cube that was looked at nothing is said."""

    head: str
    file: CaseFile
    volumes_mm3: dict[str, float] = Field(description="by class, inside the cube")
    looked_at_center_lps_mm: tuple[float, float, float]
    looked_at_side_mm: float = Field(gt=0)


class SceneRecord(_Record):
    """Scene and views; ``reason`` says why they were not made."""

    status: Literal["made", "not made"]
    reason: str = ""


class MeasurementRecord(_Record):
    """What the measurements in the case folder rest on."""

    status: Literal["made", "not made"]
    reason: str = Field(default="", description="why they were not made")
    landmarks: str = Field(description="who placed the landmarks")
    calcium_threshold: str = Field(description="as chosen: HU such as 850, or lumen+100")
    calcification_sha256: Sha256 | None = Field(
        default=None, description="of calcification.seg.nrrd as it was written; another one was edited by a reader"
    )
    measured_utc: datetime


class Provenance(_Record):
    """The content of provenance.json."""

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    case: str
    input: InputRecord
    model: ModelRecord | None = Field(description="null: nothing was predicted, the landmarks came from a file")
    parameters: ParametersRecord | None = Field(description="of the prediction")
    heart_source: str | None = Field(description="how the heart was found; null: it was not looked for")
    backend: str | None = Field(
        default=None, description="what ran the networks: library, version, device, number format; null: nothing did"
    )
    calibration: Calibration | None = Field(
        default=None, description="what the confidences below are worth; null: they are not calibrated"
    )
    landmark_files: tuple[FileName, ...] = Field(default=(), description="where no model placed the landmarks first")
    versions: dict[str, str] = Field(description="fedkd, python and the libraries that took part")
    landmarks: tuple[PointRecord, ...]
    calcification_mm3: float = Field(ge=0)
    calcification_threshold_hu: float | None = Field(description="voxels above it count; null: the network's outline")
    outlines: tuple[OutlineRecord, ...] = Field(default=(), description="by heads that are not ours")
    notes: tuple[str, ...] = Field(default=(), description="what was uncertain")
    measurement: MeasurementRecord | None = None
    scene: SceneRecord
    reported_review_sha256: Sha256 | None = Field(
        default=None, description="of review.json as the report shows it; null: the report knows of no review"
    )
    files: tuple[CaseFile, ...] = Field(description="everything in the case folder but this file")
    seconds_by_stage: dict[str, float]
    peak_memory_mb: float | None = Field(
        default=None, description="of resident memory, of the process where it was highest; 10^6 bytes"
    )
    started_utc: datetime
    finished_utc: datetime

    def all_files_present(self, folder: Path) -> bool:
        """True when every file that was written is still in the case folder."""
        return all((folder / name).is_file() for name in self.files)


def write_provenance(folder: Path, provenance: Provenance) -> None:
    """Write provenance.json into a case folder that is not yet published."""
    (folder / PROVENANCE_FILE).write_text(provenance.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_provenance(folder: Path) -> Provenance | None:
    """Return the case folder's provenance, or None when there is none that we could have written."""
    path = folder / PROVENANCE_FILE
    try:
        # A pipe under that name would keep us waiting, and a device could give without end.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return Provenance.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def require_provenance(folder: Path) -> Provenance:
    """Return the case folder's provenance.

    Raises:
        FedkdError: INPUT_NOT_FOUND when there is none that we could have written.
    """
    provenance = read_provenance(folder)
    if provenance is None:
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "This is not a case folder: it has no provenance.json that can be read.",
            where=folder,
            what_to_do="Name the folder of a case that fedkd made; to measure a CT, give --landmarks, too.",
        )
    return provenance
