"""Text that strangers wrote, made fit for terminals, logs and results."""

from __future__ import annotations

import re

_ROOT = r"(?:[A-Za-z]:[/\\]|\\\\|/)"
_QUOTED_PATH = re.compile(rf"""(['"]){_ROOT}(?:[^'"\n]*[/\\])?""")
_BARE_PATH = re.compile(rf"""(?<![^\s('"=]){_ROOT}(?:[^\s'"]*[/\\])?""")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """Return ``text`` with everything but line ends that could command a terminal, or is no text, as an escape.

    Names and headers of files are written by strangers.
    """
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)


def spreadsheet_text(text: str) -> str:
    """Return ``text`` with a leading ``'`` where a spreadsheet would take it for a formula. For text, not numbers."""
    return f"'{text}" if text.startswith((*_FORMULA_STARTS, "'")) else text


def from_spreadsheet(text: str) -> str:
    """Return what `spreadsheet_text` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA_STARTS, "'")) else text


def without_folders(text: str) -> str:
    """Return ``text`` with only the last part of every absolute path in it: folders may name users and patients."""
    return _BARE_PATH.sub("", _QUOTED_PATH.sub(r"\1", text))


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
