"""Is the case already there, and may we replace it?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fedkd.case.layout import REQUIRED_FILES, REVIEW_FILE, CasePlace
from fedkd.case.provenance import Provenance, read_provenance
from fedkd.errors import ExitCode, FedkdError
from fedkd.passes import Passes
from fedkd.volumes import sha256_of_files


@dataclass(frozen=True)
class Fingerprint:
    """What a result depends on. Device and backend are left out: they change the time, not the result."""

    input_sha256: str
    model_sha256: str | None
    heart_mask_sha256: str | None
    heart_labels_sha256: str | None = None
    heart_labels_map: str = ""
    fast: bool = False
    calcium_threshold: str = "lumen+100"
    passes: Passes = Passes.STANDARD

    @classmethod
    def of(cls, provenance: Provenance) -> Fingerprint:
        """Return what a finished case was made from."""
        model_sha256 = None if provenance.model is None else provenance.model.sha256
        chosen = provenance.parameters
        if chosen is None:
            return cls(provenance.input.sha256, model_sha256, None)
        return cls(
            provenance.input.sha256,
            model_sha256,
            chosen.heart_mask_sha256,
            chosen.heart_labels_sha256,
            chosen.heart_labels_map,
            chosen.fast,
            chosen.calcium_threshold,
            chosen.passes,
        )


def file_sha256(path: Path | None) -> str | None:
    """Return the hash of a file; None when there is no file, which its reader will complain about."""
    return None if path is None or not path.is_file() else sha256_of_files([path])


def finished_case(place: CasePlace, wanted: Fingerprint) -> Provenance | None:
    """Return the provenance of the case when it is there, whole, and made from the same things; else None.

    Raises:
        FedkdError: CASE_EXISTS when a case made from other things is in the way, or one that is not whole holds a
            reader's review.
    """
    provenance = _provenance_of_ours(place)
    if provenance is None:
        return None
    made_from = Fingerprint.of(provenance)
    if made_from.input_sha256 != wanted.input_sha256:
        raise _in_the_way(place, "holds the results of another CT")
    if made_from != wanted:
        raise _in_the_way(place, "holds results made with another model, heart mask or options")
    whole = provenance.all_files_present(place.folder) and set(REQUIRED_FILES) <= set(provenance.files)
    if whole:
        return provenance
    _require_no_review(place)
    return None


def not_a_case_folder(folder: Path, why: str = "") -> FedkdError:
    """Return the error for a folder that was named as a case and is none; ``why`` ends the sentence that says so."""
    return FedkdError(
        ExitCode.INPUT_NOT_FOUND,
        f"This is not a case folder{why}.",
        where=folder,
        what_to_do="Name the folder of a case that fedkd made; to measure a CT, give --landmarks, too.",
    )


def require_replaceable(place: CasePlace, input_path: Path) -> None:
    """Check that a folder that --overwrite would replace is a case of ours, without a review, and not where the CT is.

    Raises:
        FedkdError: CASE_EXISTS.
    """
    _provenance_of_ours(place)
    if place.folder.exists() and input_path.resolve().is_relative_to(place.folder.resolve()):
        raise _in_the_way(place, "holds the CT itself", "Choose another folder with --output.")
    _require_no_review(place)


def _require_no_review(place: CasePlace) -> None:
    # A link that leads nowhere may be a review on a disk that is not there now.
    if os.path.lexists(place.folder / REVIEW_FILE):
        what_to_do = f"Choose another folder with --output, or move {REVIEW_FILE} away."
        raise _in_the_way(place, "holds a reader's review", what_to_do)


def _provenance_of_ours(place: CasePlace) -> Provenance | None:
    if not place.folder.exists() and not place.folder.is_symlink():
        return None
    provenance = read_provenance(place.folder)
    if provenance is None or provenance.case != place.case_id:
        raise _in_the_way(place, "is not a case folder of this software", "Choose another folder with --output.")
    return provenance


def _in_the_way(
    place: CasePlace, why: str, what_to_do: str = "Choose another folder with --output, or replace it with --overwrite."
) -> FedkdError:
    return FedkdError(
        ExitCode.CASE_EXISTS, f"The folder of case {place.case_id} {why}.", where=place.folder, what_to_do=what_to_do
    )
