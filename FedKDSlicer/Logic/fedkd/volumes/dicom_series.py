"""Choose the CT series to work on from all that lies in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes.dicom_headers import SeriesFacts, SliceHeader
from fedkd.volumes.dicom_scan import DicomScan
from fedkd.volumes.refusals import unreadable

# CT, enhanced CT, and enhanced CT converted from single slices (DICOM PS3.6).
_CT_IMAGES = {
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
}
# Words in ImageType of pictures that are no stack of axial slices as measured.
_NO_VOLUME_WORDS = {"LOCALIZER", "SCOUT", "TOPOGRAM", "REPORT", "SCREEN SAVE", "DOSE_INFO"}
_REFORMAT_WORDS = {"MPR", "MIP", "MINIP", "MAX_IP", "MIN_IP", "CURVED", "REFORMATTED", "VOLUME_RENDERED", "VRT", "3D"}
_FEWEST_SLICES = 10
# Cosine of the angle between the slices' normal and the body's axis; 37 degrees is beyond any gantry.
_AXIAL_COSINE = 0.8
_THIN_SLICES_MM = 1.5


@dataclass(frozen=True)
class Series:
    """All slices of one series."""

    place: Path
    slices: tuple[SliceHeader, ...]

    @property
    def facts(self) -> SeriesFacts:
        """What the header of the first slice says about the series."""
        return self.slices[0].series

    @property
    def where(self) -> str:
        """Folder (or file) and series, for messages."""
        return f"{self.place}, series {self.facts.series_uid}"

    @property
    def slice_distance_mm(self) -> float | None:
        """Distance between neighboring slices, roughly: the median; None when positions are missing."""
        positions = [item.position_lps_mm for item in self.slices]
        normal = self._normal()
        if normal is None or len(positions) < 2 or any(position is None for position in positions):
            return None
        return float(np.median(np.diff(np.sort(np.array(positions, float) @ normal))))

    @property
    def is_axial(self) -> bool:
        """True when the slices lie across the body's axis."""
        normal = self._normal()
        return normal is not None and abs(float(normal[2])) >= _AXIAL_COSINE

    def _normal(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
        orientation = self.slices[0].orientation_lps
        return None if orientation is None else np.cross(orientation[:3], orientation[3:])


def choose_series(scan: DicomScan, series_uid: str | None) -> Series:
    """Return the series with this UID, or without one the only plausible contrast CT.

    Where several would do, original series are preferred over derived ones, those with contrast agent over those
    without, thin slices over thick ones, and gated ones over others, each only if that leaves a choice.

    Raises:
        FedkdError: INPUT_NOT_FOUND without any DICOM file or without that UID; NOT_A_CT when none is a CT volume;
            SERIES_AMBIGUOUS when several are left; INPUT_UNREADABLE when broken files may belong to the series.
    """
    found = _group(scan)
    if not found:
        if scan.broken:
            raise unreadable(scan.broken[0], "The DICOM file is damaged.")
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "There is no DICOM file in this folder.",
            where=scan.place,
            what_to_do="Give the folder with the DICOM files of the CT, or an image file.",
        )
    chosen = _named(found, scan.place, series_uid) if series_uid else _only_plausible(found, scan.place)
    _refuse_broken_neighbors(chosen, scan.broken)
    return chosen


def _group(scan: DicomScan) -> list[Series]:
    slices: dict[str, list[SliceHeader]] = {}
    for item in scan.slices:
        slices.setdefault(item.series.series_uid, []).append(item)
    return [Series(scan.place, tuple(items)) for items in slices.values()]


def _named(found: list[Series], place: Path, series_uid: str) -> Series:
    for series in found:
        if series.facts.series_uid == series_uid:
            if _why_no_ct(series):
                raise _no_usable_ct(place, [series])
            return series
    raise FedkdError(
        ExitCode.INPUT_NOT_FOUND,
        f"There is no series {series_uid} in this folder.",
        where=place,
        what_to_do=f"Take one of these:\n{_listing(found)}",
    )


def _only_plausible(found: list[Series], place: Path) -> Series:
    candidates = [series for series in found if not _why_not_plausible(series)]
    if not candidates:
        raise _no_usable_ct(place, found)
    preferences: tuple[Callable[[Series], bool], ...] = (
        lambda series: "DERIVED" not in series.facts.image_type,
        lambda series: series.facts.has_contrast,
        lambda series: (series.slice_distance_mm or np.inf) <= _THIN_SLICES_MM,
        lambda series: series.facts.phase_percent is not None,
    )
    for preferred in preferences:
        candidates = [series for series in candidates if preferred(series)] or candidates
    if len(candidates) == 1:
        return candidates[0]
    raise FedkdError(
        ExitCode.SERIES_AMBIGUOUS,
        f"{len(candidates)} CT series in this folder would do.",
        where=place,
        what_to_do=f"Choose one with --series UID (best the contrast phase near 70 %):\n{_listing(candidates)}",
    )


def _why_no_ct(series: Series) -> str:
    """Return why the series cannot be a CT volume at all, empty when it can."""
    facts = series.facts
    if facts.modality != "CT":
        return f"modality {facts.modality or 'unknown'}, not CT"
    if facts.sop_class_uid and facts.sop_class_uid not in _CT_IMAGES:
        return "no CT images (such as a screenshot or a report)"
    words = _NO_VOLUME_WORDS & set(facts.image_type)
    return f"image type {words.pop().lower()}" if words else ""


def _why_not_plausible(series: Series) -> str:
    """Return why the series is not taken unless it is named, empty when it may be."""
    reason = _why_no_ct(series)
    words = _REFORMAT_WORDS & set(series.facts.image_type)
    if reason:
        return reason
    if words:
        return f"reformatted ({words.pop()})"
    if len(series.slices) < _FEWEST_SLICES:
        return f"only {len(series.slices)} slices"
    return "" if series.is_axial else "slices not axial"


def _no_usable_ct(place: Path, found: Iterable[Series]) -> FedkdError:
    lines = "; ".join(f"{series.facts.series_uid}: {_why_not_plausible(series)}" for series in found)
    return FedkdError(
        ExitCode.NOT_A_CT,
        f"No series in this folder is a CT volume ({lines}).",
        where=place,
        what_to_do="Give the folder with the axial contrast CT; one series can be named with --series UID.",
    )


def _listing(found: Iterable[Series]) -> str:
    ordered = sorted(found, key=lambda series: (-len(series.slices), series.facts.series_uid))
    return "\n".join(f"  --series {_line(series)}" for series in ordered)


def _line(series: Series) -> str:
    facts, distance = series.facts, series.slice_distance_mm
    parts = [
        f"{facts.series_uid} ",
        f"{facts.description or 'no description'!r}",
        f"{len(series.slices)} slices",
        "spacing unknown" if distance is None else f"{distance:.2f} mm apart",
        "contrast" if facts.has_contrast else "contrast not stated",
    ]
    if facts.phase_percent is not None:
        parts.append(f"phase {facts.phase_percent:g} %")
    return ", ".join(parts)


def _refuse_broken_neighbors(chosen: Series, broken: tuple[Path, ...]) -> None:
    folders = {item.file.parent for item in chosen.slices}
    for file in broken:
        if file.parent in folders:
            raise FedkdError(
                ExitCode.INPUT_UNREADABLE,
                "This damaged DICOM file lies among the slices of the CT and may be one of them.",
                where=file,
                what_to_do="Copy or export the series again, or move the file away if it belongs to something else.",
            )
