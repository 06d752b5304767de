"""Names of heads, which become names of modules, of files and of folders."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"
HeadName = Annotated[str, Field(pattern=_PATTERN)]

# Windows has devices of these names: a file named so is none.
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
# Files of these names mean something else in a case folder or beside a labeled CT.
_OTHER_FILES = frozenset({"calcification", "ct", "heart_mask", "landmarks", "root", "scene"})


def problem_with_name(name: str) -> str | None:
    """Return why a new head cannot have this name, None when it can."""
    if not re.fullmatch(_PATTERN, name):
        return "a name has 1 to 32 small letters, digits and underscores, and begins with a letter"
    if _DEVICES.fullmatch(name):
        return "Windows keeps this name for a device"
    if name in _OTHER_FILES:
        return "files of this name have another meaning in case folders"
    return None
