"""Stand-ins that are no Qt objects: what they do not have, nobody gets without the test hearing of it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from harness.complaints import COMPLAINTS
from harness.documented import asked_by_product, documented_as, documented_names, is_documented


class StandIn:
    """Base of plain stand-ins. ``STANDS_IN_FOR`` names the class of Slicer under which its names are listed."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__") and asked_by_product(name):
            kind = type(self)
            if not hasattr(kind, name) and name not in object.__getattribute__(self, "__dict__"):
                raise COMPLAINTS.unknown(f"{documented_as(kind)}.{name}")
            if not is_documented(kind, name):
                raise COMPLAINTS.undocumented(f"{documented_as(kind)}.{name}")
        return object.__getattribute__(self, name)


class GuardedModule(ModuleType):
    """A module of Slicer or Qt: unknown names are complained of, and the product may use only listed ones.

    Names of other code (``import`` machinery, Slicer's own utilities) pass when they exist.
    """

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or not asked_by_product(name):
            return super().__getattribute__(name)
        owner = super().__getattribute__("__name__")
        try:
            value = super().__getattribute__(name)
        except AttributeError:
            if owner == "slicer.modules" or is_hidden(owner, name):
                raise
            raise COMPLAINTS.unknown(f"{owner}.{name}") from None
        if not may_use(owner, name):
            raise COMPLAINTS.undocumented(f"{owner}.{name}")
        return value


def may_use(owner: str, name: str) -> bool:
    """Return whether the product may take ``name`` from the module ``owner``."""
    names = documented_names()
    if owner == "slicer.modules" or (owner == "slicer" and name.startswith("vtk")):
        # What modules there are, each application says; MRML's classes are held to their list by their names' test.
        return True
    return name in names.get(owner, ()) or (owner in ("qt", "ctk", "slicer") and name in names)


def is_hidden(owner: str, name: str) -> bool:
    """Return whether an earlier Slicer, played by the test, has not got this name."""
    return f"{owner}.{name}" in HIDDEN


#: names that the test plays to be absent, as in an earlier Slicer
HIDDEN: set[str] = set()
