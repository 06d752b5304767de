"""Our codes as highdicom's."""

from __future__ import annotations

from highdicom.sr import CodedConcept, FindingSite

from fedkd.anatomy import Code
from fedkd.dicom_export.codes import PRIVATE_SCHEME
from fedkd.plain_text import printable

_LONGEST_TEXT = 64


def short_text(text: str) -> str:
    """Return text for one value of DICOM's kind LO: one line, no backslash (it parts values), at most 64 characters."""
    return printable(" ".join(text.split())).replace("\\", "/")[:_LONGEST_TEXT].strip()


def coded(code: Code) -> CodedConcept:
    """Return the code for a DICOM file."""
    return CodedConcept(code.value, code.scheme, code.meaning)


def private(value: str, meaning: str) -> CodedConcept:
    """Return a code of our own; ``value`` has at most 16 characters, a longer ``meaning`` is cut."""
    return CodedConcept(value, PRIVATE_SCHEME, short_text(meaning))


def site(place: Code, modifier: Code | None = None) -> FindingSite:
    """Return where something was found; ``modifier`` says which part of it."""
    return FindingSite(coded(place), topographical_modifier=None if modifier is None else coded(modifier))
