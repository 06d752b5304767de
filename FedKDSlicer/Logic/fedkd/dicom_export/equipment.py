"""What our DICOM files say of the program that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highdicom as hd
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from pydicom.uid import PYDICOM_ROOT_UID, generate_uid

import fedkd
from fedkd.dicom_export.coded import short_text
from fedkd.dicom_export.codes import PRIVATE_SCHEME, PRIVATE_SCHEME_NAME

NAME = "FedKDSlicer"
# Series beside the CT's; numbers need not be unique in a study, yet viewers sort by them.
SEGMENTATION_SERIES_NUMBER = 9701
MEASUREMENTS_SERIES_NUMBER = 9702


@dataclass(frozen=True)
class Maker:
    """The program together with the model it used.

    Args:
        model_id: of the network that predicted; None when none did.
    """

    model_id: str | None

    @property
    def model(self) -> str:
        """Model of the device."""
        return short_text(f"{NAME}, network {self.model_id}") if self.model_id else f"{NAME}, no network"

    @property
    def serial_number(self) -> str:
        """What tells this device from others of its kind: the network's weights."""
        return short_text(self.model_id or "") or "none"

    @property
    def device_uid(self) -> str:
        """Always the same for one version and model."""
        return generate_uid(PYDICOM_ROOT_UID, entropy_srcs=[NAME, fedkd.__version__, self.model_id or ""])


def new_uid() -> str:
    """Return an identifier that nobody has used."""
    return generate_uid(PYDICOM_ROOT_UID)


def common_values(maker: Maker, description: str) -> dict[str, Any]:
    """Return the values that both files share, as arguments of highdicom's classes."""
    return {
        "series_instance_uid": new_uid(),
        "sop_instance_uid": new_uid(),
        "instance_number": 1,
        "manufacturer": NAME,
        "manufacturer_model_name": maker.model,
        "software_versions": fedkd.__version__,
        "device_serial_number": maker.serial_number,
        "series_description": description,
        "content_qualification": hd.ContentQualificationValues.RESEARCH,
    }


def private_coding_scheme() -> CodingSchemeIdentificationItem:
    """Return what tells readers whose codes 99FEDKD are."""
    return CodingSchemeIdentificationItem(
        PRIVATE_SCHEME, name=PRIVATE_SCHEME_NAME, version=fedkd.__version__, responsible_organization=NAME
    )
