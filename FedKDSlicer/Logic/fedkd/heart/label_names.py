"""The names of labels that TotalSegmentator writes into its NIfTI files.

They stand in a header extension as XML (a table of labels as the Connectome Workbench has it).
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import nibabel
from defusedxml import DefusedXmlException
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

_LARGEST_TABLE = 1 << 20
# The heart of task "total" is one label; "heartchambers_highres" and version 1 have its parts.
_HEART = "heart"
_HEART_PART = "heart_"


def is_heart(name: str) -> bool:
    """True for the names of the heart and its chambers."""
    return name == _HEART or name.startswith(_HEART_PART)


def heart_labels(path: Path) -> frozenset[int] | None:
    """Return the labels that a file names as the heart or its chambers; None when it names no labels."""
    names = label_names(path)
    return frozenset(label for label, name in names.items() if is_heart(name)) if names else None


def label_names(path: Path) -> dict[int, str]:
    """Return the names by label, empty when the file has none that can be understood."""
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        return {}
    try:
        extensions = nibabel.Nifti1Image.from_filename(path).header.extensions
        contents = [extension.get_content() for extension in extensions]
    except (ImageFileError, HeaderDataError, OSError, EOFError, ValueError):
        return {}
    for content in contents:
        if isinstance(content, bytes) and b"<LabelTable" in content[:_LARGEST_TABLE]:
            return _parse(content)
    return {}


def _parse(content: bytes) -> dict[int, str]:
    if len(content) > _LARGEST_TABLE:
        return {}
    try:
        table = defusedxml.ElementTree.fromstring(content.rstrip(b"\0 \r\n"), forbid_dtd=True)
        return {int(label.attrib["Key"]): (label.text or "").strip() for label in table.iter("Label")}
    except (ParseError, DefusedXmlException, KeyError, ValueError):
        return {}
