"""Reads Docs/tutorial.md: its steps, and what each promises by the way it is written.

**Bold** is pressed, chosen or filled in; *italic* is read on the screen; <kbd>Key</kbd> is pressed on the keyboard;
`code` is a file that is there afterwards; a picture of Docs/Screenshots shows the step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TUTORIAL_FILE = REPOSITORY / "Docs" / "tutorial.md"

_PART = re.compile(r"^## (.+)$", re.MULTILINE)
_STEP = re.compile(r"^### (?:\d+\. )?(.+)$", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]]+\]\(Screenshots/([a-z0-9_]+)\.png\)")
_KEY = re.compile(r"<kbd>([^<]+)</kbd>")
_FILE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


@dataclass(frozen=True)
class WrittenStep:
    """One numbered step of the tutorial."""

    title: str
    used: frozenset[str]
    seen: frozenset[str]
    keys: frozenset[str]
    files: frozenset[str]
    pictures: tuple[str, ...]


def written_steps(part: str, text: str | None = None) -> tuple[WrittenStep, ...]:
    """Return the steps of one part of the tutorial, by the part's heading."""
    text = TUTORIAL_FILE.read_text(encoding="utf-8") if text is None else text
    parts = _split(_PART, text)
    return tuple(_read_step(title, content) for title, content in _split(_STEP, parts[part]).items())


def _split(heading: re.Pattern[str], text: str) -> dict[str, str]:
    found = list(heading.finditer(text))
    ends = [each.start() for each in found[1:]] + [len(text)]
    return {each[1].strip(): text[each.end() : end] for each, end in zip(found, ends, strict=True)}


def _read_step(title: str, content: str) -> WrittenStep:
    pictures = tuple(_PICTURE.findall(content))
    prose = _PICTURE.sub("", content)
    without_bold = _BOLD.sub("", prose)
    return WrittenStep(
        title=title,
        used=_texts(_BOLD, prose),
        seen=_texts(_ITALIC, without_bold),
        keys=_texts(_KEY, prose),
        files=_texts(_FILE, prose),
        pictures=pictures,
    )


def _texts(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(" ".join(each.split()) for each in pattern.findall(text))
