"""The real worker with a predictor that needs no network. What it does with a CT, the CT's name says."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import SimpleITK as sitk

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.case.head_outlines import HeadOutline
from fedkd.cohort import worker
from fedkd.cohort.messages import RunRequest
from fedkd.cohort.predictor import ModelIdentity
from fedkd.confidence import Calibration
from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import Grid
from fedkd.heart import HeartRegion
from fedkd.pointsets import LandmarkPoint, PointList
from fedkd.progress import ProgressEvent, Report
from fedkd.volumes import CtVolume

NO_SUCH_MODEL = Path("no-such-model")
DEADLY_MODEL = Path("deadly-model")
# Names a file that gets the name of each CT that is predicted.
CALLS_VARIABLE = "FEDKD_TEST_CALLS"


@dataclass(frozen=True)
class DoublePrediction:
    """Has the fields of ``fedkd.prediction.Prediction``, without its imports."""

    points: PointList
    calcification: sitk.Image
    calcification_threshold_hu: float | None
    heart_source: str
    notes: tuple[str, ...]
    seconds_by_stage: dict[str, float]
    backend: str = ""
    calibration: Calibration | None = None
    outlines: tuple[HeadOutline, ...] = ()


class DoublePredictor:
    @staticmethod
    def model_sha256(request: RunRequest) -> str:
        for model in request.models:
            if model.name == NO_SUCH_MODEL.name:
                raise FedkdError(ExitCode.MODEL_NOT_FOUND, "No model.", where=model, what_to_do="Check the path.")
        return ("b" if request.models else "a") * 64

    def __init__(self, request: RunRequest) -> None:
        if any(model.name == DEADLY_MODEL.name for model in request.models):
            die()
        sha256 = self.model_sha256(request)
        self.model = ModelIdentity(f"double-{sha256[0]}", sha256)

    def predict(self, ct: CtVolume, heart: HeartRegion | None, report: Report) -> DoublePrediction:
        report(ProgressEvent("network", 0.5, "Halfway"))
        if CALLS_VARIABLE in os.environ:
            with Path(os.environ[CALLS_VARIABLE]).open("a") as calls:
                calls.write(ct.source.path.name.partition(".")[0] + "\n")
        word = ct.source.path.name.partition("_")[0].partition(".")[0]
        mishaps.get(word, lambda: None)()
        found = prediction_for(ct, missing="LCO" if word == "incomplete" else None)
        return found if heart is None else replace(found, heart_source=heart.source)


def prediction_for(ct: CtVolume, missing: str | None) -> DoublePrediction:
    grid = Grid.of(ct.image)
    points = []
    for number, name in enumerate(LANDMARK_NAMES):
        position = tuple(float(value) for value in grid.index_to_lps([number + 1, 4, 5]))
        points.append(LandmarkPoint(name, None if name == missing else position, None if name == missing else 0.9))
    calcification = sitk.Image(ct.image.GetSize(), sitk.sitkUInt8)
    calcification.CopyInformation(ct.image)
    calcification[2, 3, 4] = 1
    notes = ("The heart is cut off.",)
    return DoublePrediction(PointList(tuple(points)), calcification, 850.0, "the double", notes, {"network": 0.1})


def fail() -> None:
    raise FedkdError(ExitCode.HEART_NOT_FOUND, "No heart.", where="the CT", what_to_do="Take another CT.")


def surprise() -> None:
    raise ZeroDivisionError("by surprise")


def exhaust_memory() -> None:
    raise MemoryError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def block() -> None:
    """Sleep in C without letting any other Python thread run, as some long library calls do."""
    ctypes.PyDLL(None).sleep(60)


def wait_with_child() -> None:
    """Wait for a child that would outlive this process if nobody ended it."""
    code = "import time; time.sleep(60)"
    subprocess.run([sys.executable, "-c", code, "child-of-worker", tempfile.gettempdir()], check=False)


def fill_disk() -> None:
    """Write temporary files, which lie on the output's disk, until there is no room left."""
    with contextlib.suppress(OSError), (Path(tempfile.gettempdir()) / "filler").open("wb", buffering=0) as stream:
        while stream.write(b"0" * 4096):
            pass


def chatter() -> None:
    print("not JSON")
    os.write(1, b'{"result": "not ours"}\n')


mishaps = {
    "fails": fail,
    "surprises": surprise,
    "hungry": exhaust_memory,
    "dies": die,
    "crashes": crash,
    "blocks": block,
    "waits": wait_with_child,
    "fills": fill_disk,
    "chatters": chatter,
    "slow": lambda: time.sleep(2.5),
}

if __name__ == "__main__":
    from makers import quick_finishers  # beside this script

    worker.main(DoublePredictor, quick_finishers())
