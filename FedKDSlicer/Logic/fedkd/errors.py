"""Errors that users can act on, and every exit code of the ``fedkd`` command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """All exit codes. Scripts and the Slicer panel may rely on the numbers: never reuse one."""

    OK = 0
    USAGE = 2  # the command line itself is wrong (set by the command line library)
    INPUT_NOT_FOUND = 3
    INPUT_UNREADABLE = 4  # truncated, corrupt, or in an unknown format
    NOT_A_VOLUME = 5  # 2D, 4D, or several components
    INTENSITIES_INVALID = 6  # NaN, infinite, or not in Hounsfield units
    GEOMETRY_INVALID = 7  # gaps, mixed orientations, degenerate spacing or direction
    NOT_A_CT = 8
    SERIES_AMBIGUOUS = 9
    HEART_NOT_FOUND = 10
    POINTS_INVALID = 11
    MODEL_NOT_FOUND = 12
    MODEL_INVALID = 13
    OUTPUT_NOT_WRITABLE = 14
    DISK_FULL = 15
    OUT_OF_MEMORY = 16
    TRAINING_DATA_INVALID = 17
    SOME_CASES_FAILED = 18
    DEPENDENCY_MISSING = 19
    SCENE_FAILED = 20
    HEART_MASK_INVALID = 21
    CASE_LOCKED = 22
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


class FedkdError(Exception):
    """An error with a message for users: what went wrong, where, and what to do.

    Args:
        code: the exit code of a command that ends with this error.
        what: one sentence on what went wrong.
        where: the file, folder or setting concerned.
        what_to_do: one sentence on what the user can do about it.
    """

    def __init__(self, code: ExitCode, what: str, *, where: object, what_to_do: str) -> None:
        super().__init__(f"{what} [{where}] {what_to_do}")
        self.code = code
        self.what = what
        self.where = str(where)
        self.what_to_do = what_to_do

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not survive a process boundary by default.
        return _rebuild, (self.code, self.what, self.where, self.what_to_do)


def _rebuild(code: ExitCode, what: str, where: str, what_to_do: str) -> FedkdError:
    return FedkdError(code, what, where=where, what_to_do=what_to_do)
