"""What is made of landmarks and marked calcification, predicted or corrected: measurements, scene, report, DICOM.

The same for ``fedkd predict`` and ``fedkd measure``. Nothing here costs a prediction: what fails becomes a reason in
provenance.json.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import SimpleITK as sitk

from fedkd.case.disk import disk_full, is_full
from fedkd.case.folder import PartialCase
from fedkd.case.layout import CasePlace
from fedkd.case.marked_calcium import CalciumMarks, write_calcium
from fedkd.case.memory import peak_mb
from fedkd.case.placed_points import source_of, trusted
from fedkd.case.provenance import MeasurementRecord, Provenance, SceneRecord, write_provenance
from fedkd.case.results import files_in, volume_mm3
from fedkd.case.scene_process import SceneCommand, make_scene
from fedkd.cohort.stages import Stages
from fedkd.errors import ExitCode, FedkdError
from fedkd.measurement.calcium import CalciumThreshold, Marks, ReaderMarks
from fedkd.measurement.files import MeasuredFrom, write_measurements
from fedkd.measurement.measure import MeasuredRoot, MeasureOptions, measure_root
from fedkd.plain_text import without_folders
from fedkd.pointsets import PointList
from fedkd.review import review_sha256
from fedkd.volumes import CtVolume

_NO_REPORT, _NO_DICOM = "The report was not made: ", "The results were not written as DICOM: "
MEASURE_AT, SCENE_AT, REPORT_AT, DICOM_AT = 0.77, 0.80, 0.95, 0.98


@dataclass(frozen=True)
class Placed:
    """What is measured.

    Args:
        points: the seven landmarks.
        marks: where a model or a reader sees calcium; None: no opinion.
        first_source: who placed the points first: a model or a file.
        threshold: of calcium.
    """

    points: PointList
    marks: CalciumMarks | None
    first_source: str
    threshold: CalciumThreshold


@dataclass(frozen=True)
class CtFiles:
    """The CT on disk: as one file, for the scene, and as DICOM, where it was.

    ``only_in_scene``: nobody named the original; the copy in the case's scene is all that is at hand.
    """

    single: Path
    dicom: tuple[Path, ...] = ()
    only_in_scene: bool = False


def _begin_report(case_folder: Path) -> Callable[[], object]:
    from fedkd.report import page_without_views, write_page  # draws plots: seconds to import

    page = page_without_views(case_folder)
    return lambda: write_page(case_folder, page)


@dataclass(frozen=True)
class Makers:
    """What makes scene, views and report; tests bring quicker ones.

    Args:
        scene: the command for scene and views.
        report: begins the report of a case folder, while its scene and views are made; what it returns writes the
            report when they are there.
    """

    scene: SceneCommand = field(default_factory=SceneCommand)
    report: Callable[[Path], Callable[[], object]] = _begin_report


@dataclass(frozen=True)
class Making:
    """A case folder that is being filled.

    Args:
        partial: the unpublished folder; it holds the landmarks.
        place: where it will go.
        stages: are told and timed.
    """

    partial: PartialCase
    place: CasePlace
    stages: Stages

    def measure(self, draft: Provenance, ct: CtVolume, placed: Placed) -> Provenance:
        """Measure; write measurements, shapes, calcification and a draft of provenance.json, and return that.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        with self.stages.stage("measure", MEASURE_AT, "Measuring"):
            source = source_of(draft.landmarks, placed.first_source)
            points = trusted(placed.points, draft.landmarks)
            measured = _measured(ct, points, placed)
            parts = None
            if isinstance(measured, MeasuredRoot):
                parts = measured.calcium
                model_id = None if draft.model is None else draft.model.id
                origin = MeasuredFrom(draft.case, points, source, model_id, placed.threshold)
                write_measurements(self.partial.folder, measured.measurements, origin)
            written = write_calcium(self.partial.folder, ct.grid, parts, placed.marks)
            changes = {
                "measurement": MeasurementRecord(
                    status="made" if isinstance(measured, MeasuredRoot) else "not made",
                    reason="" if isinstance(measured, MeasuredRoot) else measured,
                    landmarks=source,
                    calcium_threshold=placed.threshold.value,
                    calcification_sha256=written,
                    measured_utc=datetime.now(UTC),
                ),
            } | _calcium_changes(measured, parts, placed)
            draft = draft.model_copy(update=changes)
            write_provenance(self.partial.folder, draft)
            return draft

    def finish(self, draft: Provenance, ct: CtFiles, makers: Makers) -> Provenance:
        """Make scene, views, report and DICOM; publish the folder; return the provenance as written.

        Its peak of memory is this process', or the draft's where that is higher.

        Raises:
            FedkdError: SCENE_FAILED when the CT would go with the case's old scene; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        with (
            ThreadPoolExecutor(1) as meanwhile,
            self.stages.stage("scene", SCENE_AT, "Making scene and views"),
        ):
            report = meanwhile.submit(makers.report, self.partial.folder)
            scene = self._make_scene(ct.single, makers)
            if scene.status == "not made" and ct.only_in_scene:
                raise self._would_lose_the_ct(scene.reason)
        no_report = self._make_report(report)
        notes = (*draft.notes, *no_report, *self._make_dicom(draft, ct))
        outlines = [outline.file for outline in draft.outlines]
        changes = {
            "scene": scene,
            "reported_review_sha256": None if no_report else review_sha256(self.partial.folder),
            "notes": tuple(dict.fromkeys(notes)),
            "files": files_in(self.partial.folder, outlines),
        }
        peak = max((one for one in (draft.peak_memory_mb, peak_mb()) if one is not None), default=None)
        times = {"seconds_by_stage": draft.seconds_by_stage | self.stages.seconds, "peak_memory_mb": peak}
        final = draft.model_copy(update=changes | times | {"finished_utc": datetime.now(UTC)})
        write_provenance(self.partial.folder, final)
        if is_full(self.place.output):
            raise disk_full(self.place.output)
        self.partial.publish()
        return final

    def _make_scene(self, ct_file: Path, makers: Makers) -> SceneRecord:
        folder = self.partial.folder
        before = set(folder.iterdir())
        record = make_scene(folder, ct_file, makers.scene, self.stages.part(SCENE_AT, REPORT_AT))
        if record.status == "not made":
            _remove(set(folder.iterdir()) - before)
        return record

    def _would_lose_the_ct(self, reason: str) -> FedkdError:
        return FedkdError(
            ExitCode.SCENE_FAILED,
            f"The case stays as it was: its scene, which holds its CT, could not be made anew, because {reason}.",
            where=self.place.folder,
            what_to_do="Name the CT that the case was made from with --ct, or measure where scenes can be made.",
        )

    def _make_report(self, begun: Future[Callable[[], object]]) -> tuple[str, ...]:
        with self.stages.stage("report", REPORT_AT, "Writing the report"):
            try:
                begun.result()()
            except Exception as error:  # noqa: BLE001 - the results are there without it
                return (f"{_NO_REPORT}{_why(error)}",)
        return ()

    def _make_dicom(self, draft: Provenance, ct: CtFiles) -> tuple[str, ...]:
        made = draft.measurement is not None and draft.measurement.status == "made"
        if not ct.dicom or not made:
            return ()
        with self.stages.stage("dicom", DICOM_AT, "Writing DICOM"):
            try:
                from fedkd.dicom_export import write_dicom_results

                write_dicom_results(self.partial.folder, ct.dicom)
            except Exception as error:  # noqa: BLE001 - the results are there without it
                return (f"{_NO_DICOM}{_why(error)}",)
        return ()


def lasting_notes(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the notes without those of `Making.finish`, which may not hold when it is done again."""
    return tuple(note for note in notes if not note.startswith((_NO_REPORT, _NO_DICOM)))


def _measured(ct: CtVolume, points: PointList, placed: Placed) -> MeasuredRoot | str:
    """Return the measurements, or why there are none."""
    options = MeasureOptions(placed.threshold, points.confidences())
    try:
        return measure_root(ct, points.defined_positions_lps_mm(), _marks_of(placed), options)
    except Exception as error:  # noqa: BLE001 - a fault here must not cost the prediction
        return _why(error)


def _marks_of(placed: Placed) -> Marks | None:
    if placed.marks is None:
        return None
    return ReaderMarks(placed.marks.image) if placed.marks.by_reader else placed.marks.image


def _calcium_changes(measured: MeasuredRoot | str, parts: sitk.Image | None, placed: Placed) -> dict[str, object]:
    """Return what provenance.json says of calcification.seg.nrrd, where that is not the marks themselves."""
    if not isinstance(measured, MeasuredRoot) or parts is None:
        return {"calcification_mm3": 0.0 if placed.marks is None else volume_mm3(placed.marks.image)}
    threshold_hu = measured.measurements.value("calcium_threshold_hu")
    return {"calcification_mm3": volume_mm3(parts), "calcification_threshold_hu": threshold_hu}


def _why(error: Exception) -> str:
    if isinstance(error, FedkdError):
        return error.what
    return without_folders(f"the program failed ({type(error).__name__}: {error}). Please report it.")


def _remove(entries: set[Path]) -> None:
    for entry in entries:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
