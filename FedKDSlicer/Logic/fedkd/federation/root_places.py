"""Where the aortic root is in each CT of a site: found once by the localizer, and kept."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property

import numpy as np

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.backends import ReadyModel, Target, make_ready
from fedkd.errors import FedkdError
from fedkd.federation.place import SitePlace
from fedkd.geometry import FloatArray
from fedkd.models import load_model
from fedkd.prediction.localization import localize_root
from fedkd.progress import silent
from fedkd.training.cases import TrainingCase
from fedkd.volumes import CtVolume


class RootPlaces:
    """Finds roots with the embedded localizer, which every site has with the software."""

    def __init__(self, place: SitePlace) -> None:
        self._device = place.device
        self._folder = place.work / "roots"

    @cached_property
    def _model(self) -> ReadyModel:
        return make_ready(load_model(), Target("torch", self._device))

    def find(self, case: TrainingCase, ct: CtVolume) -> FloatArray:
        """Return the rough place of the aortic root, LPS mm.

        Raises:
            FedkdError: HEART_NOT_FOUND; OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        path = self._folder / f"{self._key(case)}.json"
        try:
            known = json.loads(path.read_bytes())
            return np.array([float(known[axis]) for axis in "xyz"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not yet found, or a damaged note of it
        found = localize_root(ct, self._model.coarse, None, silent).center_lps_mm
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(self._folder, error) from error
        x, y, z = (float(value) for value in found)
        write_text_atomically(path, json.dumps({"x": x, "y": y, "z": z}) + "\n")
        return found

    def _key(self, case: TrainingCase) -> str:
        """Return a name for this very CT and this localizer: another CT under the same name is looked at anew."""
        state = case.ct.stat()
        localizer = self._model.card.localizer
        assert localizer is not None
        text = "\n".join((case.case_id, str(state.st_size), str(state.st_mtime_ns), localizer.sha256))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def reason_of(error: FedkdError) -> str:
    """Return in a word why a case was passed over: no name, no path."""
    return error.code.name.lower()
