"""The content of reading.json: one observer's landmarks on one CT, and how they came about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import STUDY_ORDERS
from fedkd.case.layout import OBSERVER_CODE
from fedkd.case.reader_documents import PlainText, PointLps, ReaderRecord, require_the_seven

# Codes, never names: readings leave the hospital.
Code = Annotated[str, Field(pattern=OBSERVER_CODE)]
CaseId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LandmarkState = Literal["open", "placed", "cannot be determined"]


ShortText = Annotated[PlainText, Field(max_length=500)]


class ObservedLandmark(ReaderRecord):
    """One landmark: ``open`` until it is placed, or said with a ``reason`` that it cannot be determined.

    ``seconds``: how long the observer worked on it, all visits together. ``imported``: it came from a file.
    """

    label: str
    state: LandmarkState = "open"
    position_lps_mm: PointLps | None = None
    reason: ShortText = ""
    seconds: float = Field(default=0.0, ge=0, le=1e6)
    imported: bool = False

    @model_validator(mode="after")
    def _state_fits(self) -> Self:
        if (self.state == "placed") != (self.position_lps_mm is not None):
            raise ValueError(f"{self.label} is {self.state}, and its position is {self.position_lps_mm}")
        if self.state == "cannot be determined" and not self.reason.strip():
            raise ValueError(f"{self.label} cannot be determined, and no reason is given")
        return self


class ImportedFrom(ReaderRecord):
    """Where imported points came from: the file's name, and the order in which its points were taken."""

    file: ShortText
    order: tuple[str, ...]


class Reading(ReaderRecord):
    """One reading.

    ``number`` counts the readings of this case by this observer, from 1. ``blind``: neither predictions nor labels of
    others could be seen or loaded.
    """

    schema_version: Literal[1] = 1
    not_for_clinical_use: str = NOT_FOR_CLINICAL_USE
    observer: Code
    site: Code
    case: CaseId
    number: int = Field(ge=1, le=99)
    blind: bool
    status: Literal["draft", "finished"] = "draft"
    protocol_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,16}$")]
    software: ShortText
    ct_sha256: Sha256
    series_uid_sha256: Sha256 | None = Field(default=None, description="of the Series Instance UID; null: no DICOM")
    landmarks: tuple[ObservedLandmark, ...]
    imported: tuple[ImportedFrom, ...] = ()
    calcification: bool = Field(default=False, description="calcification.seg.nrrd beside this file is the observer's")
    comment: ShortText = ""
    started_utc: datetime
    saved_utc: datetime

    @model_validator(mode="after")
    def _has_the_seven_landmarks(self) -> Self:
        require_the_seven([one.label for one in self.landmarks])
        return self

    @model_validator(mode="after")
    def _finished_means_finished(self) -> Self:
        open_ones = [one.label for one in self.landmarks if one.state == "open"]
        if self.status == "finished" and open_ones:
            raise ValueError(f"the reading is finished, but not {', '.join(open_ones)}")
        return self

    @model_validator(mode="after")
    def _blind_means_blind(self) -> Self:
        if self.blind and (self.imported or any(one.imported for one in self.landmarks)):
            raise ValueError("a blind reading holds no imported points")
        return self

    @property
    def positions_lps_mm(self) -> dict[str, PointLps]:
        """Label -> position, only of landmarks that were placed."""
        return {one.label: one.position_lps_mm for one in self.landmarks if one.position_lps_mm is not None}

    @property
    def complete_sets(self) -> tuple[str, ...]:
        """Names of the study's files for which every point was placed."""
        placed = self.positions_lps_mm
        return tuple(name for name, order in STUDY_ORDERS.items() if all(label in placed for label in order))
