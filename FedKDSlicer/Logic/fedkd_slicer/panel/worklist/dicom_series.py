"""CT series in Slicer's DICOM database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import slicer

_MODALITY = "0008,0060"


@dataclass(frozen=True)
class CtSeries:
    """One series. ``text`` is for the screen of whoever imported it: it holds the patient's name."""

    uid: str
    text: str

    def files(self) -> tuple[Path, ...]:
        """Return its files, in no order that means anything."""
        return tuple(Path(file) for file in slicer.dicomDatabase.filesForSeries(self.uid))


def known_ct_series() -> tuple[CtSeries, ...]:
    """Return the CT series that were imported; none while the database is not open."""
    database = slicer.dicomDatabase
    if database is None or not database.isOpen:
        return ()
    return tuple(
        CtSeries(series, _text(patient, study, series))
        for patient in database.patients()
        for study in database.studiesForPatient(patient)
        for series in database.seriesForStudy(study)
        if _is_ct(series)
    )


def _is_ct(series: str) -> bool:
    files = slicer.dicomDatabase.filesForSeries(series, 1)
    return bool(files) and slicer.dicomDatabase.fileValue(files[0], _MODALITY) == "CT"


def _text(patient: str, study: str, series: str) -> str:
    database = slicer.dicomDatabase
    parts = (
        database.nameForPatient(patient),
        database.descriptionForStudy(study),
        database.descriptionForSeries(series),
    )
    return " - ".join(part for part in parts if part) or series
