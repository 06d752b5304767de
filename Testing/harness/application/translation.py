"""``slicer.i18n``: English stays English."""

from __future__ import annotations


def tr(text: str) -> str:
    """Return the text in the application's language."""
    return text


def translate(context: str, text: str) -> str:
    """Return a text of another part of Slicer in the application's language."""
    return text
