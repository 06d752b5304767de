"""The CT around the annulus and how bright its blood is: what stays the same while a landmark is dragged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from fedkd.anatomy import HINGE_POINTS
from fedkd.geometry import Plane
from fedkd.measurement.blood import Blood, measure_blood
from fedkd.measurement.quantity import NotMeasurable
from fedkd.measurement.root_ct import RootCt
from fedkd.measurement.root_landmarks import RootLandmarks
from fedkd.measurement.sheet import Sheet

BLOOD_KEYS = ("lumen_mean_hu", "lumen_noise_hu")


@dataclass(frozen=True)
class RootView:
    """What a CT shows of one root.

    Args:
        root: the voxels.
        plane: the annulus plane when the blood was measured.
        blood: its brightness, or the reason why it is not known.
    """

    root: RootCt
    plane: Plane
    blood: Blood | str

    @classmethod
    def of(cls, image: sitk.Image, landmarks: RootLandmarks) -> RootView:
        """Cut the root out of the CT and measure its blood.

        Raises:
            NotMeasurable: there is no annulus plane to look around.
        """
        plane = landmarks.need_plane()
        middle = np.mean(landmarks.need(*HINGE_POINTS), axis=0)
        root = RootCt.around(image, middle)
        try:
            return cls(root, plane, measure_blood(root, plane))
        except NotMeasurable as why:
            return cls(root, plane, str(why))

    def need_blood(self) -> Blood:
        """Return how bright blood is.

        Raises:
            NotMeasurable: it is not known.
        """
        if isinstance(self.blood, str):
            raise NotMeasurable(self.blood)
        return self.blood

    def enter_blood(self, sheet: Sheet) -> None:
        """Enter brightness and noise of the blood."""

        def values() -> Sequence[float]:
            blood = self.need_blood()
            return blood.mean_hu, blood.sd_hu

        sheet.measure(BLOOD_KEYS, values)
