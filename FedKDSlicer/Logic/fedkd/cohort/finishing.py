"""What is made of a case once its CT is out of memory: scene, views, report, DICOM, and the published folder."""

from __future__ import annotations

from fedkd.case.folder import PartialCase
from fedkd.case.layout import CasePlace
from fedkd.case.memory import forget_peak
from fedkd.case.provenance import read_provenance
from fedkd.case.scratch import temporary_files_in
from fedkd.cohort.case_record import done_result
from fedkd.cohort.making import CtFiles, Makers, Making
from fedkd.cohort.messages import CaseResult, FinishOrder
from fedkd.cohort.stages import Stages
from fedkd.progress import Report


def place_of(order: FinishOrder) -> CasePlace:
    """Return where the case goes."""
    return CasePlace(order.output, order.case_id, order.run_token)


def finish_case(order: FinishOrder, makers: Makers, report: Report) -> CaseResult:
    """Make scene, views, report and DICOM, publish the case, and return what is told of it.

    The caller holds the case's lock, and clears its unpublished folder away.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    place = place_of(order)
    partial = PartialCase(place)
    stages = Stages(report, order.seconds_by_stage)
    forget_peak()
    with temporary_files_in(partial.scratch):
        draft = read_provenance(partial.folder)
        if draft is None:
            raise OSError(f"{partial.folder} holds no provenance.json any more")
        so_far = draft.model_copy(update={"peak_memory_mb": order.peak_memory_mb})
        files = CtFiles(order.ct_file, order.dicom_files)
        return done_result(place, Making(partial, place, stages).finish(so_far, files, makers))
