"""From cases that a reader accepted in the panel to labeled cases: what a model placed is no label before that."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from fedkd.atomic import writing_error
from fedkd.case.layout import LANDMARKS_FILE, PROVENANCE_FILE, CasePlace
from fedkd.case.provenance import read_provenance
from fedkd.case.scene_ct import unpack_scene_ct
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.site_data import RefusedCase
from fedkd.pointsets import PointList, write_points
from fedkd.review import ReviewDocument, read_review


@dataclass(frozen=True)
class Imported:
    """What came of it: names of cases, which stay at the site."""

    cases: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[RefusedCase, ...]


def import_reviewed(folder: Path, output: Path) -> Imported:
    """Write a labeled case for each accepted one: the CT of its scene, and the points as the reader left them.

    A point that the reader accepted as missing is kept as undefined: it is out of view. Calcification is no label:
    a review does not say that anybody looked at its outline. Cases that are in ``output`` already are left as they
    are.

    Args:
        folder: cases of the panel, one subfolder each.
        output: gets one subfolder for each case.

    Raises:
        FedkdError: INPUT_NOT_FOUND when ``folder`` holds no case of the panel; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{PROVENANCE_FILE}"))
    if not found:
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "No case of the panel was found: no subfolder has a provenance.json.",
            where=folder,
            what_to_do="Give the folder with the cases' folders.",
        )
    done, known, refused = [], [], []
    for case in found:
        if (output / case.name).exists():
            known.append(case.name)
            continue
        try:
            _import(case, output)
            done.append(case.name)
        except FedkdError as error:
            if error.code in (ExitCode.OUTPUT_NOT_WRITABLE, ExitCode.DISK_FULL):
                raise
            refused.append(RefusedCase(case=case.name, reason=error.what))
    return Imported(tuple(done), tuple(known), tuple(refused))


def _import(case: Path, output: Path) -> None:
    review = _accepted_review(case)
    provenance = read_provenance(case)
    if provenance is None:
        raise _refusal("Its provenance.json is damaged.", case)
    place = CasePlace(output, case.name, "0" * 12)
    try:
        shutil.rmtree(place.partial, ignore_errors=True)
        place.partial.mkdir(parents=True)
        unpack_scene_ct(case, provenance.input, place.partial)
        points = {one.label: one.position_lps_mm for one in review.landmarks}
        write_points(place.partial / LANDMARKS_FILE, PointList.from_positions(points))
        place.partial.rename(place.folder)
    except OSError as error:
        raise writing_error(place.folder, error) from error
    finally:
        shutil.rmtree(place.partial, ignore_errors=True)


def _accepted_review(case: Path) -> ReviewDocument:
    review = read_review(case)
    if review is None:
        raise _refusal("Nobody has reviewed it: its points are a model's.", case)
    if review.decision != "accepted":
        raise _refusal(f"Its reader has not accepted it: it is {review.decision}.", case)
    return review


def _refusal(what: str, case: Path) -> FedkdError:
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID, what, where=case.name, what_to_do="Review the case in the panel, and accept it."
    )
