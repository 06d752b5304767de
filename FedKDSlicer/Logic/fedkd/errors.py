"""Errors that users can act on, and every exit code of the ``fedkd`` command."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

from fedkd.plain_text import printable


class ExitCode(IntEnum):
    """All exit codes. Scripts and the Slicer panel may rely on the numbers: never reuse one.

    ``meaning`` is the sentence that ``fedkd exit-codes`` prints.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "Everything went well."
    USAGE = 2, "The command line itself is wrong."
    INPUT_NOT_FOUND = 3, "An input file or folder does not exist, or holds nothing usable."
    INPUT_UNREADABLE = 4, "An input is truncated, corrupt, or in an unknown format."
    NOT_A_VOLUME = 5, "The image is 2D, 4D, or has several components."
    INTENSITIES_INVALID = 6, "The voxels are NaN, infinite, or not in Hounsfield units."
    GEOMETRY_INVALID = 7, "Slices are missing, orientations are mixed, or spacing or direction is degenerate."
    NOT_A_CT = 8, "The DICOM images are not CT."
    SERIES_AMBIGUOUS = 9, "A folder holds several CT series and one has to be chosen."
    HEART_NOT_FOUND = 10, "No heart is in view."
    POINTS_INVALID = 11, "A point set file is invalid, or points are missing."
    MODEL_NOT_FOUND = 12, "The model file does not exist."
    MODEL_INVALID = 13, "The file is not a model of this software, or it is damaged."
    OUTPUT_NOT_WRITABLE = 14, "The output cannot be written."
    DISK_FULL = 15, "The output disk is full."
    OUT_OF_MEMORY = 16, "There was not enough memory."
    TRAINING_DATA_INVALID = 17, "The training data are missing or invalid."
    SOME_CASES_FAILED = 18, "Of several cases at least one failed; the others were finished."
    DEPENDENCY_MISSING = 19, "An optional program or package is needed but not installed."
    SCENE_FAILED = 20, "The scene or the views could not be made."
    HEART_MASK_INVALID = 21, "The heart mask is empty, or lies outside the CT."
    CASE_LOCKED = 22, "Another run is working on the case."
    CASE_EXISTS = 23, "The output holds other results, or other files, under the case's name."
    TRAINING_DIVERGED = 24, "The training went wrong: its loss was no finite number."
    CT_DIFFERS = 25, "The CT is not the one that the case was made from."
    STUDY_INVALID = 26, "The study file of a federation is invalid."
    TASK_REFUSED = 27, "A site was asked for something that its approved study does not contain."
    ROUND_FAILED = 28, "Too few sites answered in a round of the federation, or with nothing that can be used."
    KIT_INVALID = 29, "A site's kit, or its answer to it, is damaged or not the one that was expected."
    SITE_UNKNOWN = 30, "No such site is enrolled, or it is enrolled already."
    GATEWAY_FAILED = 31, "The gateway of a federation could not start, or it ended."
    CONNECTION_FAILED = 32, "The coordinator cannot be reached, or it does not let the site in."
    INTERNAL = 70, "A fault of the program: please report it."
    INTERRUPTED = 130, "Interrupted from the keyboard."
    TERMINATED = 143, "Ended by a signal."


class FedkdError(Exception):
    """An error with a message for users: what went wrong, where, and what to do. All three are `printable`.

    Args:
        code: the exit code of a command that ends with this error.
        what: one sentence on what went wrong.
        where: the file, folder or setting concerned.
        what_to_do: one sentence on what the user can do about it.
    """

    def __init__(self, code: ExitCode, what: str, *, where: object, what_to_do: str) -> None:
        self.code = code
        self.what = printable(what)
        self.where = printable(str(where))
        self.what_to_do = printable(what_to_do)
        super().__init__(f"{self.what} [{self.where}] {self.what_to_do}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not survive a process boundary by default.
        return _rebuild, (self.code, self.what, self.where, self.what_to_do)


def _rebuild(code: ExitCode, what: str, where: str, what_to_do: str) -> FedkdError:
    return FedkdError(code, what, where=where, what_to_do=what_to_do)
