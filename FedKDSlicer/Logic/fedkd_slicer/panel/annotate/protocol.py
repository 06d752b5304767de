"""The protocol that observers follow: what each landmark is, and how it is found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fedkd.anatomy import LANDMARK_NAMES

PROTOCOL_FOLDER = Path(__file__).resolve().parents[4] / "Resources" / "Protocol"
PROTOCOL_FILE = PROTOCOL_FOLDER / "protocol.json"


@dataclass(frozen=True)
class LandmarkProtocol:
    """One landmark. ``drawing``: an SVG file; ``mistake``: what it is taken for."""

    label: str
    drawing: Path
    definition: str
    steps: tuple[str, ...]
    plane: str
    mistake: str


@dataclass(frozen=True)
class Protocol:
    """All landmarks by their names. ``reasons``: why one may not be determined, to choose from."""

    version: str
    landmarks: dict[str, LandmarkProtocol]
    reasons: tuple[str, ...]
    calcification: str


def read_protocol(file: Path = PROTOCOL_FILE) -> Protocol:
    """Read the protocol that comes with the extension.

    Raises:
        ValueError: a landmark is missing.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    landmarks = {
        one["label"]: LandmarkProtocol(**{**one, "drawing": file.parent / one["drawing"], "steps": tuple(one["steps"])})
        for one in content["landmarks"]
    }
    if tuple(landmarks) != LANDMARK_NAMES:
        raise ValueError(f"{file} describes {', '.join(landmarks)} instead of {', '.join(LANDMARK_NAMES)}")
    return Protocol(content["version"], landmarks, tuple(content["reasons"]), content["calcification"])
