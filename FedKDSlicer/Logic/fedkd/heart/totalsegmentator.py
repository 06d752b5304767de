"""Where the heart is, from TotalSegmentator, when the user has installed it.

It is run as the command it is (https://github.com/wasserth/TotalSegmentator, version 2), never imported. Nothing is
told to its authors: it reports every run to them unless its settings say otherwise, so it gets settings of ours.
On its first run it downloads its weights.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk

from fedkd.errors import ExitCode, FedkdError
from fedkd.heart.label_names import is_heart
from fedkd.heart.labels import HeartLabels, heart_labels_from_file
from fedkd.heart.mask_file import marked_in_file, region_of_marked
from fedkd.heart.region import HeartRegion
from fedkd.plain_text import without_folders
from fedkd.volumes import CtVolume

COMMAND = "TotalSegmentator"
_SOURCE = "TotalSegmentator"
_MASK_END = ".nii.gz"
_POLL_S = 0.1
_GRACE_S = 2.0
_LONGEST_REASON = 300


@dataclass(frozen=True)
class TotalSegmentatorRun:
    """How to run it.

    Args:
        device: ``cpu`` or ``gpu``, as its option ``--device`` has it.
        timeout_s: it is ended after this time (the first run downloads its weights).
        is_cancelled: asked several times a second; True ends it.
    """

    device: str = "cpu"
    timeout_s: float = 1800.0
    is_cancelled: Callable[[], bool] = lambda: False


def is_installed() -> bool:
    """True when the command is on the search path."""
    return _program() is not None


def region_by_totalsegmentator(ct: CtVolume, run: TotalSegmentatorRun) -> HeartRegion:
    """Run TotalSegmentator on the CT and return where it sees the heart.

    Raises:
        FedkdError: DEPENDENCY_MISSING when it is not installed or fails; INTERRUPTED when cancelled;
            HEART_NOT_FOUND when it sees no heart; HEART_MASK_INVALID when what it sees is no plausible heart.
    """
    with _output_of(ct, "segmentations", ("--roi_subset", "heart", "--fast"), run) as output:
        return region_from_totalsegmentator(output, ct)


def labels_by_totalsegmentator(ct: CtVolume, run: TotalSegmentatorRun) -> HeartLabels:
    """Run TotalSegmentator's task for the heart's chambers, which needs a license of its own, and return the parts.

    Raises:
        FedkdError: DEPENDENCY_MISSING when it is not installed, fails or has no license; INTERRUPTED when cancelled;
            HEART_MASK_INVALID when it sees no heart.
    """
    # One file with all labels, which have the order of HEART_CHANNELS and their names in the header.
    with _output_of(ct, "chambers.nii", ("--task", "heartchambers_highres", "--ml"), run) as output:
        labels = heart_labels_from_file(output, ct)
    return HeartLabels(labels.image, f"heart labels by {_SOURCE}")


@contextmanager
def _output_of(ct: CtVolume, name: str, options: Sequence[str], run: TotalSegmentatorRun) -> Iterator[Path]:
    program = _program()
    if program is None:
        raise FedkdError(
            ExitCode.DEPENDENCY_MISSING,
            "TotalSegmentator is not installed.",
            where=COMMAND,
            what_to_do="Install it (pip install TotalSegmentator), or leave it out: the model finds the heart itself.",
        )
    with tempfile.TemporaryDirectory(prefix="fedkd-heart-") as folder:
        # Not compressed: the file lives for minutes, and compressing takes longer than reading it once.
        given, output = Path(folder, "ct.nii"), Path(folder, name)
        sitk.WriteImage(ct.image, str(given))
        command = [program, "-i", str(given), "-o", str(output), *options, "--device", run.device, "--quiet"]
        _run(command, _environment_without_reports(Path(folder, "settings")), Path(folder, "output.txt"), run)
        yield output


def region_from_totalsegmentator(output: Path, ct: CtVolume) -> HeartRegion:
    """Return where TotalSegmentator's output says the heart is.

    Args:
        output: its folder of masks, one file a structure, or its file of all labels (option ``--ml``).
        ct: the CT it was run on.

    Raises:
        FedkdError: HEART_NOT_FOUND when there is no heart in it; HEART_MASK_INVALID.
    """
    if output.is_file():
        masks = [output]
    else:
        masks = [mask for mask in sorted(output.glob(f"*{_MASK_END}")) if is_heart(mask.name.removesuffix(_MASK_END))]
    parts = [marked_in_file(mask) for mask in masks]
    if not any(part.volume_ml for part in parts):
        raise FedkdError(
            ExitCode.HEART_NOT_FOUND,
            "TotalSegmentator found no heart.",
            where=ct.source.path,
            what_to_do="Check that the CT shows the whole heart.",
        )
    return region_of_marked(parts, ct, ct.source.path, _SOURCE)


def _program() -> str | None:
    found = shutil.which(COMMAND)
    # Windows looks in the current folder first, and that may be one that came with the CTs.
    return None if found is None or Path(found).resolve().parent == Path.cwd() else found


def _environment_without_reports(settings: Path) -> dict[str, str]:
    """Return an environment in which it sends no usage statistics, and finds its weights where they are.

    The variables, and the settings file with its keys, are those of its ``config.py``.
    """
    home = Path(os.environ.get("TOTALSEG_HOME_DIR") or Path.home() / ".totalsegmentator")
    weights = os.environ.get("TOTALSEG_WEIGHTS_PATH") or str(home / "nnunet" / "results")
    settings.mkdir()
    content = {"totalseg_id": "totalseg_none", "send_usage_stats": False, "prediction_counter": 0}
    (settings / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return os.environ | {"TOTALSEG_HOME_DIR": str(settings), "TOTALSEG_WEIGHTS_PATH": weights}


def _run(arguments: list[str], environment: dict[str, str], log: Path, run: TotalSegmentatorRun) -> None:
    """Run to the end, or end it. It stays in our process group, so that whoever ends us ends it too."""
    with log.open("wb") as stream:
        try:
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, env=environment
            )
        except OSError as error:
            raise _failed(arguments[0], f"it could not be started ({error.strerror})") from error
        try:
            _wait(process, run)
        finally:
            _end(process)
    if process.returncode != 0:
        words = log.read_text(errors="replace").strip().splitlines() or [f"status {process.returncode}"]
        raise _failed(arguments[0], words[-1].strip()[:_LONGEST_REASON])


def _wait(process: subprocess.Popen[bytes], run: TotalSegmentatorRun) -> None:
    deadline = time.monotonic() + run.timeout_s
    while process.poll() is None:
        if run.is_cancelled():
            raise FedkdError(
                ExitCode.INTERRUPTED, "The run was cancelled.", where=COMMAND, what_to_do="Start it again if needed."
            )
        if time.monotonic() > deadline:
            raise _failed(COMMAND, f"it took longer than {run.timeout_s:.0f} s")
        time.sleep(_POLL_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _failed(where: str, reason: str) -> FedkdError:
    return FedkdError(
        ExitCode.DEPENDENCY_MISSING,
        f"TotalSegmentator did not work: {without_folders(reason).rstrip('.')}.",
        where=where,
        what_to_do="Run it by hand to see more, or leave it out: the model finds the heart itself.",
    )
