"""Patient and study values that our DICOM files take over from the CT, and no others.

DICOM PS3.3: C.7.1.1 (patient), C.7.2.1 (study), C.7.2.2 (patient study). A value that breaks the rules of its kind is
left out: a wrong date would make the whole file invalid.
"""

from __future__ import annotations

import re
import warnings

import pydicom.config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID

# Must be there, even if empty (type 2).
_ALWAYS = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
_IF_THERE = (
    "IssuerOfPatientID", "PatientIdentityRemoved", "DeidentificationMethod", "LongitudinalTemporalInformationModified",
    "StudyDescription", "PatientAge", "PatientSize", "PatientWeight",
)  # fmt: skip
CARRIED_OVER = (*_ALWAYS, *_IF_THERE)
_SEXES = {"M", "F", "O"}
_LONGEST = {"LO": 64, "SH": 16, "PN": 324, "CS": 16}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def carried_over(source: Dataset) -> Dataset:
    """Return a new dataset, in UTF-8, with what is taken over of the header ``source``.

    StudyInstanceUID is not among it: who calls has checked it.
    """
    with pydicom.config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote the values
        result = Dataset()
        result.SpecificCharacterSet = "ISO_IR 192"
        for keyword in CARRIED_OVER:
            text = text_value(source, keyword)
            if text or keyword in _ALWAYS:
                setattr(result, keyword, text)
    return result


def text_value(source: Dataset, keyword: str) -> str:
    """Return a value of a header as valid text, empty when there is none or it breaks the rules."""
    try:
        value = source.get(keyword)
    except (ValueError, TypeError, AttributeError, LookupError, NotImplementedError, OverflowError):
        return ""  # what pydicom was seen to raise for damaged values
    if value is None or isinstance(value, MultiValue | Sequence):
        return ""
    text = _CONTROL.sub("", str(value)).replace("\ufffd", "?").strip()
    kind = dictionary_VR(keyword)
    text = text[: _LONGEST.get(kind, 64)].rstrip()
    if keyword == "PatientSex":
        text = text.upper()
        return text if text in _SEXES else ""
    return text if _is_valid(keyword, kind, text) else ""


def _is_valid(keyword: str, kind: str, text: str) -> bool:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    if "\\" in text and kind != "UI":
        return False
    try:
        DataElement(tag, kind, text, validation_mode=pydicom.config.RAISE)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def valid_uid(value: object) -> str:
    """Return ``value`` as a unique identifier, empty when it is none."""
    uid = UID(str(value or "").strip(), validation_mode=pydicom.config.IGNORE)
    return str(uid) if uid.is_valid else ""
