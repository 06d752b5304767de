"""Our codes as highdicom's."""

from __future__ import annotations

from highdicom.sr import CodedConcept, FindingSite

from fedkd.anatomy import Code
from fedkd.dicom_export.codes import PRIVATE_SCHEME

_LONGEST_MEANING = 64


def coded(code: Code) -> CodedConcept:
    """Return the code for a DICOM file."""
    return CodedConcept(code.value, code.scheme, code.meaning)


def private(value: str, meaning: str) -> CodedConcept:
    """Return a code of our own; ``value`` has at most 16 characters, a longer ``meaning`` is cut."""
    return CodedConcept(value, PRIVATE_SCHEME, meaning[:_LONGEST_MEANING])


def site(place: Code, modifier: Code | None = None) -> FindingSite:
    """Return where something was found; ``modifier`` says which part of it."""
    return FindingSite(coded(place), topographical_modifier=None if modifier is None else coded(modifier))
