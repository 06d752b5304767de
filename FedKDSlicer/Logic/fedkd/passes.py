"""How often a model looks at a CT: a choice of the user's."""

from __future__ import annotations

from enum import StrEnum


class Passes(StrEnum):
    """Looks at the same anatomy that vote on each landmark; what each is for which model: ``Docs/models.md``.

    QUICK: one. STANDARD: as the model is meant to be used. SHIFTED: five, four of them moved. MIRRORED: eight, of the
    image and its mirror images.
    """

    QUICK = "quick"
    STANDARD = "standard"
    SHIFTED = "shifted"
    MIRRORED = "mirrored"
