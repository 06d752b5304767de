"""``slicer.dicomDatabase``: what a test has put into it, asked for by the documented methods."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.guarded import StandIn


@dataclass(frozen=True)
class StoredSeries:
    """One series of the database. ``values`` holds DICOM tags as ``"0008,0060"``."""

    patient: str
    study_uid: str
    series_uid: str
    files: tuple[Path, ...]
    patient_name: str = ""
    study_description: str = ""
    description: str = ""
    values: tuple[tuple[str, str], ...] = ()


class DicomDatabase(StandIn):
    """Answers as ``ctkDICOMDatabase`` does; open and empty until a test adds series."""

    STANDS_IN_FOR = "ctkDICOMDatabase"

    def __init__(self) -> None:
        self.isOpen = True
        self._series: dict[str, StoredSeries] = {}

    def add(self, series: StoredSeries) -> None:
        self._series[series.series_uid] = series

    def patients(self) -> list[str]:
        return list(dict.fromkeys(each.patient for each in self._series.values()))

    def studiesForPatient(self, patient: str) -> list[str]:
        return list(dict.fromkeys(each.study_uid for each in self._series.values() if each.patient == patient))

    def seriesForStudy(self, study: str) -> list[str]:
        return [each.series_uid for each in self._series.values() if each.study_uid == study]

    def filesForSeries(self, series: str, hits: int = -1) -> list[str]:
        files = [str(file) for file in self._series[series].files] if series in self._series else []
        return files if hits < 0 else files[:hits]

    def nameForPatient(self, patient: str) -> str:
        return next((each.patient_name for each in self._series.values() if each.patient == patient), "")

    def descriptionForStudy(self, study: str) -> str:
        return next((each.study_description for each in self._series.values() if each.study_uid == study), "")

    def descriptionForSeries(self, series: str) -> str:
        return self._series[series].description if series in self._series else ""

    def fileValue(self, file: str, tag: str) -> str:
        for each in self._series.values():
            if file in map(str, each.files):
                return dict(each.values).get(tag, "")
        return ""
