"""What to do about an error in words of the panel, where the engine's advice speaks of its command line."""

from __future__ import annotations

from fedkd.errors import ExitCode

_OF_A_COMMAND_LINE = ("--", "fedkd ", "command")
_IN_THE_PANEL = {
    ExitCode.SERIES_AMBIGUOUS: (
        "Import the folder in Slicer's DICOM module; then choose one series here,"
        ' under "A series of Slicer\'s DICOM database".'
    ),
    ExitCode.HEART_NOT_FOUND: "Use a contrast CT that shows the whole aortic root.",
    ExitCode.CASE_EXISTS: "Choose another case name, or another folder for the results.",
    ExitCode.CASE_LOCKED: "Close the case in the other window, or wait until the other run has ended.",
    ExitCode.CT_DIFFERS: "Choose the CT that the case was made from.",
    ExitCode.INPUT_NOT_FOUND: "Choose the CT that the case was made from, and predict it again.",
    ExitCode.INPUT_UNREADABLE: "Choose the CT that the case was made from, and predict it again.",
    ExitCode.SCENE_FAILED: "Choose the CT that the case was made from, and predict it again.",
    ExitCode.SOME_CASES_FAILED: "Click a failed case in the list to see why. Finished cases can be reviewed.",
    ExitCode.MODEL_NOT_FOUND: "Choose another model.",
    ExitCode.MODEL_INVALID: "Choose another model.",
    ExitCode.OUT_OF_MEMORY: "Close other programs, or let networks run on the processor, on the Settings tab.",
    ExitCode.DEPENDENCY_MISSING: "Choose on the Settings tab what is installed, or install the packages there.",
    ExitCode.USAGE: "Choose on the Settings tab what this computer has.",
    ExitCode.OUTPUT_NOT_WRITABLE: "Choose another folder for the results.",
    ExitCode.INTERRUPTED: "Start it again: finished cases stay.",
    ExitCode.TERMINATED: "Start it again: finished cases stay.",
}
_BY_NAME = {code.name: advice for code, advice in _IN_THE_PANEL.items()}


def in_the_panel(name: str, what_to_do: str) -> str:
    """Return the advice for the error of that name, as the panel gives it."""
    if any(words in what_to_do for words in _OF_A_COMMAND_LINE):
        return _BY_NAME.get(name, what_to_do)
    return what_to_do
