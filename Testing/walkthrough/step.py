"""A step as a person does it: the counterpart of a written step of the tutorial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from walkthrough.tutorial_text import WrittenStep
from walkthrough.visitor import Visitor


@dataclass(frozen=True)
class Step:
    """``title``: as in the tutorial; ``do``: does what is written there, and no more."""

    title: str
    do: Callable[[Visitor], None]


def follow(written: tuple[WrittenStep, ...], steps: tuple[Step, ...], visitor: Visitor) -> None:
    """Do the steps one after the other, each as it is written.

    Raises:
        AssertionError: text and steps are not the same, or the panel is not as it is written.
    """
    assert [each.title for each in written] == [each.title for each in steps]
    for text, step in zip(written, steps, strict=True):
        visitor.begin()
        step.do(visitor)
        _compare(text, visitor)


def _compare(text: WrittenStep, visitor: Visitor) -> None:
    visitor.sees()
    done, sees = visitor.done, "\n".join(visitor.done.looks)
    assert done.used == text.used, f"{text.title}: bold in the tutorial and used are not the same"
    assert done.keys == text.keys, f"{text.title}: keys in the tutorial and pressed are not the same"
    assert tuple(done.pictures) == text.pictures, f"{text.title}: other pictures"
    unseen = sorted(each for each in text.seen if each not in sees)
    assert not unseen, f"{text.title}: not on the screen: {unseen}; in the end there is:\n{done.looks[-1]}"
    missing = sorted(each for each in text.files if not any(visitor.home.rglob(each)))
    assert not missing, f"{text.title}: not there: {missing}"
