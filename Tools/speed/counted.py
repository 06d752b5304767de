"""When the networks ran: runners that note it, and what follows from their notes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from fedkd.backends import HeadProbabilities, ReadyModel, StageRunner
from fedkd.models.card import StageSpec


@dataclass(frozen=True)
class Spell:
    """A time in which a network ran, in seconds since 1970, and how many patches it was given."""

    start_s: float
    end_s: float
    patches: int


@dataclass
class Notes:
    """The spells of one or more runners."""

    spells: list[Spell] = field(default_factory=list)

    def add(self, spell: Spell) -> None:
        """Note a spell."""
        self.spells.append(spell)


class CountedRunner:
    """A runner that notes when it runs. Everything else is the runner's own."""

    def __init__(self, runner: StageRunner, notes: Notes) -> None:
        self._runner = runner
        self._notes = notes

    @property
    def stage(self) -> StageSpec:
        """What the network is."""
        return self._runner.stage

    @property
    def batch_size(self) -> int:
        """Patches at a time."""
        return self._runner.batch_size

    def probabilities(self, patches: npt.NDArray[np.float32]) -> HeadProbabilities:
        """Return the runner's class probabilities."""
        start_s = time.time()
        found = self._runner.probabilities(patches)
        self._notes.add(Spell(start_s, time.time(), len(patches)))
        return found


def counted(model: ReadyModel, notes: Notes) -> ReadyModel:
    """Return the same model with runners that note when they run."""
    localizer = None if model.localizer is None else CountedRunner(model.localizer, notes)
    return replace(model, student=CountedRunner(model.student, notes), localizer=localizer)


def seconds_of(spells: Iterable[Spell]) -> float:
    """Return how long at least one network ran."""
    total, until = 0.0, 0.0
    for spell in sorted(spells, key=lambda one: one.start_s):
        total += max(spell.end_s - max(spell.start_s, until), 0.0)
        until = max(until, spell.end_s)
    return total
