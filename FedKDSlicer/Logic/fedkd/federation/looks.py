"""One network's look at the root of a site's CT, by the very steps with which `fedkd predict` looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch

from fedkd.backends import HeadProbabilities
from fedkd.backends.torch_backend import TorchBackend
from fedkd.federation.averaging import Weights
from fedkd.federation.place import SitePlace
from fedkd.federation.root_places import RootPlaces
from fedkd.federation.task import task_refused
from fedkd.geometry import FloatArray, Grid
from fedkd.models.card import StageSpec
from fedkd.models.package import put_weights
from fedkd.networks import build_network
from fedkd.passes import Passes
from fedkd.prediction.calcium import outline_calcification
from fedkd.prediction.root_passes import FURTHER_PASSES, look_at_root
from fedkd.progress import silent
from fedkd.training.cases import TrainingCase
from fedkd.volumes import CtVolume, read_ct


@dataclass(frozen=True)
class Look:
    """What a network saw.

    Args:
        points_lps_mm: the landmarks it found.
        confidences: its own, by landmark.
        maps: class probabilities (channels, z, y, x) of each head on ``grid``.
        grid: of the look that was centered on the landmarks.
        ct: the CT.
        crop_hu: the CT on ``grid``, (z, y, x).
    """

    points_lps_mm: Mapping[str, FloatArray]
    confidences: Mapping[str, float]
    maps: HeadProbabilities
    grid: Grid
    ct: CtVolume
    crop_hu: npt.NDArray[np.int16]

    @property
    def calcification(self) -> sitk.Image:
        """The outline on the CT's grid, uint8, 0 or 1, of a network with the head ``calc``."""
        return outline_calcification(self.ct.image, self.maps, self.grid, self.crop_hu).mask


class Looker:
    """A network that looks at one CT after the other.

    Raises:
        FedkdError: TASK_REFUSED when the tensors do not fit the network; OUT_OF_MEMORY.
    """

    def __init__(self, stage: StageSpec, weights: Weights, place: SitePlace) -> None:
        if stage.condition is not None:
            raise task_refused("Networks that need the heart's parts with every CT cannot label or be evaluated.")
        network = build_network(stage.network)
        try:
            put_weights(network, weights)
        except ValueError as error:
            raise task_refused(f"The tensors do not fit the network: {error}.") from error
        self._runner = TorchBackend(torch.device(place.device)).prepare(network, stage)
        self._roots = RootPlaces(place)

    def look(self, case: TrainingCase) -> Look:
        """Find the root in a case's CT and look at it once.

        Raises:
            FedkdError: HEART_NOT_FOUND; those of reading the CT.
        """
        ct = read_ct(case.ct)
        center = self._roots.find(case, ct)
        view = look_at_root(ct, self._runner, center, silent, FURTHER_PASSES[Passes.QUICK])
        points = {name: one.position_lps_mm for name, one in view.landmarks.items()}
        confidences = {name: one.confidence for name, one in view.landmarks.items()}
        return Look(points, confidences, view.maps, view.grid, ct, view.crop_hu)
