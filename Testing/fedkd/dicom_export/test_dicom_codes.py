"""The table of codes against the catalog and against pydicom's copy of DICOM's."""

from __future__ import annotations

import pytest
from pydicom.sr._concepts_dict import concepts

from fedkd.anatomy import CALCIFICATION, CALCIFIED_PARTS, LANDMARK_NAMES, Code
from fedkd.dicom_export import codes
from fedkd.dicom_export.codes import (
    ANSWER_CODES,
    EVALUATION_CODES,
    LANDMARK_SITES,
    MEASUREMENT_CODES,
    OTHER_ANSWER,
    UNITS,
)
from fedkd.measurement.catalog import KEYS, SPECIFICATIONS

# Of CID 12334 and TID 1500, which are newer than pydicom's copy or of another authority.
NOT_IN_PYDICOM = {"UMLS", "UCUM"}


def all_codes() -> set[Code]:
    found = {value for value in vars(codes).values() if isinstance(value, Code)}
    for style in (CALCIFICATION, *CALCIFIED_PARTS.values()):
        found |= {style.category, style.type, style.region}
        found |= {style.region_modifier} if style.region_modifier else set()
    return found


@pytest.mark.parametrize("code", sorted(all_codes(), key=str), ids=lambda code: code.value)
def test_code_is_known(code):
    if code.scheme in NOT_IN_PYDICOM:
        return
    known = {value for names in concepts[code.scheme].values() for value in names}
    # Of CID 12339 (2022), which pydicom's copy does not have yet.
    assert code.value in known | {"81797008"}


def test_every_measurement_has_a_code_of_its_own():
    assert {*MEASUREMENT_CODES, *EVALUATION_CODES} == set(KEYS)
    methods = [code.method for code in MEASUREMENT_CODES.values()] + [
        *EVALUATION_CODES.values(),
        *ANSWER_CODES.values(),
        OTHER_ANSWER,
    ]
    assert len(set(methods)) == len(methods)
    assert all(1 <= len(method) <= 16 for method in methods)  # DICOM's SH
    assert set(LANDMARK_SITES) == set(LANDMARK_NAMES)


def test_units_and_names_fit_dicom():
    assert {one.unit for one in SPECIFICATIONS} <= set(UNITS)
    assert all(len(one.name) <= 64 for one in SPECIFICATIONS)  # DICOM's LO


def test_published_codes_never_change():
    # Files out there use them.
    assert MEASUREMENT_CODES["annulus_area_mm2"].method == "ANNU_AREA"
    assert MEASUREMENT_CODES["lco_height_mm"].method == "LCO_HEIGHT"
    assert MEASUREMENT_CODES["calcium_total_mm3"].method == "CA_TOTAL_VOL"
