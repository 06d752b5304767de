"""Plays the oldest Slicer that the extension supports: what came later is not there, and nobody complains of it."""

from __future__ import annotations

import sys

import pytest
import slicer

from harness.guarded import HIDDEN

_SINCE_5_12 = ("packaging",)


def play_slicer_5_10(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the parts of ``slicer`` that came with 5.12 until the test ends."""
    for name in _SINCE_5_12:
        monkeypatch.delitem(sys.modules, f"slicer.{name}")
        monkeypatch.delattr(slicer, name)
        HIDDEN.add(f"slicer.{name}")
    monkeypatch.setattr(slicer.app, "_version", (5, 10))
