"""Measure again: a case whose landmarks or calcification a reader has corrected, or a CT with landmarks from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.folder import PartialCase, case_lock
from fedkd.case.layout import LANDMARKS_FILE, CasePlace
from fedkd.case.made_files import keep_other_files
from fedkd.case.marked_calcium import read_marks
from fedkd.case.placed_points import Origin, first_records, later_records, seven_landmarks
from fedkd.case.provenance import Provenance, SceneRecord, read_provenance
from fedkd.case.scratch import temporary_files_in
from fedkd.case.versions import versions_in_use
from fedkd.cohort.case_record import done_result, file_name, input_record, model_source
from fedkd.cohort.ct_of_case import ct_of_case
from fedkd.cohort.finished import not_a_case_folder, require_replaceable
from fedkd.cohort.making import CtFiles, Makers, Making, Placed, lasting_notes
from fedkd.cohort.messages import CaseResult
from fedkd.cohort.output_room import require_room_for
from fedkd.cohort.stages import Stages
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.calcium import CalciumThreshold
from fedkd.pointsets import LandmarkPoint, PointList, read_points, write_points, write_study_point_sets
from fedkd.progress import Report
from fedkd.volumes import as_one_file, read_ct


@dataclass(frozen=True)
class PlacedByHand:
    """A CT with landmarks that did not come from a prediction of ours.

    Args:
        ct: file or folder.
        series_uid: where a DICOM folder holds several series.
        landmark_files: point files; together they name some of the seven landmarks, each once.
        overwrite: replace a case of that name.
    """

    ct: Path
    series_uid: str | None
    landmark_files: Sequence[Path]
    overwrite: bool


class MeasureRun:
    """One case that is measured.

    Args:
        place: where the case is, or will be.
        threshold: of calcium; None: as the case was measured before, else the default.
        report: is told of the progress.
        makers: make scene, views and report.
    """

    def __init__(self, place: CasePlace, threshold: CalciumThreshold | None, report: Report, makers: Makers) -> None:
        self._place = place
        self._threshold = threshold
        self._stages = Stages(report)
        self._makers = makers

    def again(self, given_ct: Path | None) -> CaseResult:
        """Measure a case with landmarks and calcification as they are now, and renew all that follows from them.

        Args:
            given_ct: the case's CT; None: the one in its scene.

        Raises:
            FedkdError: INPUT_NOT_FOUND when this is no case folder; CT_DIFFERS; those of reading CT and points;
                OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        folder = self._place.folder
        with case_lock(self._place), PartialCase(self._place) as partial, temporary_files_in(partial.scratch):
            self._makers.scene.get_ready()
            with self._stages.stage("read", 0.0, "Reading the case"):
                earlier = _provenance_of(folder)
                points = seven_landmarks(read_points(folder / LANDMARKS_FILE))
                ct = ct_of_case(folder, earlier.input, given_ct, partial.scratch)
                marks = read_marks(folder, earlier, ct.volume.grid)
                keep_other_files(folder, partial.folder)
                write_study_point_sets(partial.folder, points)
            by: Origin = "file" if earlier.model is None else "model"
            changes = {
                "case": self._place.case_id,
                "landmarks": later_records(earlier.landmarks, points, by),
                "versions": versions_in_use(),
                "notes": lasting_notes(earlier.notes),
                "peak_memory_mb": None,
            }
            placed = Placed(points, marks, _first_source(earlier), self._threshold or _earlier_threshold(earlier))
            making = Making(partial, self._place, self._stages)
            draft = making.measure(earlier.model_copy(update=changes), ct.volume, placed)
            files = ct.files
            del ct, marks, placed  # Slicer's core needs the room for its own copy
            return done_result(self._place, making.finish(draft, files, self._makers))

    def by_hand(self, source: PlacedByHand) -> CaseResult:
        """Measure a CT with landmarks from files, and make a case of it.

        Raises:
            FedkdError: POINTS_INVALID when the files name no landmark, or one twice; CASE_EXISTS; those of reading CT
                and points; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        points = _landmarks_of(source.landmark_files)
        with case_lock(self._place), PartialCase(self._place) as partial, temporary_files_in(partial.scratch):
            self._require_room(source)
            self._makers.scene.get_ready()
            with self._stages.stage("read", 0.0, "Reading the CT"):
                ct = read_ct(source.ct, source.series_uid)
                require_room_for(ct, self._place.output)
                write_points(partial.folder / LANDMARKS_FILE, points)
                write_study_point_sets(partial.folder, points)
            now = datetime.now(UTC)
            first_source = f"file {', '.join(file_name(file) for file in source.landmark_files)}"
            draft = Provenance(
                case=self._place.case_id,
                input=input_record(ct),
                model=None,
                parameters=None,
                heart_source=None,
                versions=versions_in_use(),
                landmarks=first_records(points, "file"),
                calcification_mm3=0.0,
                calcification_threshold_hu=None,
                landmark_files=tuple(file_name(file) for file in source.landmark_files),
                scene=SceneRecord(status="not made", reason="it is being made"),
                files=(),
                seconds_by_stage={},
                started_utc=now,
                finished_utc=now,
            )
            making = Making(partial, self._place, self._stages)
            threshold = self._threshold or CalciumThreshold.LUMEN_PLUS_100
            draft = making.measure(draft, ct, Placed(points, None, first_source, threshold))
            files = CtFiles(as_one_file(ct, partial.scratch), ct.source.dicom_files)
            del ct
            return done_result(self._place, making.finish(draft, files, self._makers))

    def _require_room(self, source: PlacedByHand) -> None:
        if source.overwrite:
            require_replaceable(self._place, source.ct)
        elif self._place.folder.exists():
            raise FedkdError(
                ExitCode.CASE_EXISTS,
                f"There is a case {self._place.case_id} already.",
                where=self._place.folder,
                what_to_do="Replace it with --overwrite, or choose another folder with --output.",
            )


def _provenance_of(folder: Path) -> Provenance:
    provenance = read_provenance(folder)
    if provenance is None:
        raise not_a_case_folder(folder, ": it has no provenance.json that can be read")
    return provenance


def _first_source(earlier: Provenance) -> str:
    if earlier.model is not None:
        return model_source(earlier.model.id)
    return f"file {', '.join(earlier.landmark_files)}"


def _earlier_threshold(earlier: Provenance) -> CalciumThreshold:
    try:
        return CalciumThreshold(earlier.measurement.calcium_threshold if earlier.measurement else "")
    except ValueError:
        return CalciumThreshold.LUMEN_PLUS_100


def _landmarks_of(files: Sequence[Path]) -> PointList:
    """Return the seven landmarks from one or more files."""
    found: dict[str, LandmarkPoint] = {}
    for file in files:
        for point in read_points(file):
            if point.label not in LANDMARK_NAMES or not point.is_defined:
                continue
            if point.label in found:
                raise _invalid(file, f"{point.label} is in more than one of the files.", "Give each landmark once.")
            found[point.label] = point
    if not found:
        raise _invalid(
            files[0],
            f"No point in it is called {', '.join(LANDMARK_NAMES)}.",
            "Label the points; fedkd points convert --order gives names to those of a .mps file.",
        )
    return seven_landmarks(PointList(tuple(found.values())))


def _invalid(file: Path, what: str, what_to_do: str) -> FedkdError:
    return FedkdError(ExitCode.POINTS_INVALID, what, where=file, what_to_do=what_to_do)
