"""Dialogs are answered by the test, and a dialog that the test did not expect fails it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6 import QtWidgets

from harness.complaints import COMPLAINTS

_Button = QtWidgets.QMessageBox.StandardButton


@dataclass(frozen=True)
class Shown:
    """A dialog that the application showed."""

    kind: str
    text: str
    details: str = ""


class Dialogs:
    """What the person in front of the screen does with dialogs."""

    def __init__(self) -> None:
        self._answers: list[tuple[str, Any]] = []
        self._unread: list[Shown] = []

    def answer(self, part: str, with_: Any) -> None:
        """Say beforehand how the next dialog whose text contains ``part`` is answered.

        Args:
            with_: "ok", "cancel", "yes", "no", ... for a message; the path, or "" for cancel, for a file dialog.
        """
        self._answers.append((part, with_))

    def read(self, pattern: str) -> Shown:
        """Return the oldest dialog not read yet whose text matches, as a person reads it and closes it."""
        for shown in self._unread:
            if re.search(pattern, f"{shown.text}\n{shown.details}"):
                self._unread.remove(shown)
                return shown
        raise AssertionError(f"no dialog says {pattern!r}; shown: {self._unread}")

    def unread(self) -> list[Shown]:
        return list(self._unread)

    def answers_left(self) -> list[tuple[str, Any]]:
        return list(self._answers)

    def show(self, shown: Shown, harmless: Any) -> Any:
        """Return the test's answer; ``harmless`` when none was prepared.

        A message with one button needs none. It has to be read by the test. Any other question without an answer is
        a complaint.
        """
        for prepared in self._answers:
            if prepared[0] in shown.text:
                self._answers.remove(prepared)
                return prepared[1]
        if shown.kind == "message":
            self._unread.append(shown)
        else:
            COMPLAINTS.add(f"a dialog was shown that the test does not answer: {shown}")
        return harmless


DIALOGS = Dialogs()


class AnsweredMessageBox(QtWidgets.QMessageBox):
    """``QMessageBox``, ``ctkMessageBox``: does not wait for anybody."""

    STANDS_IN_FOR: ClassVar[str] = "QMessageBox"

    def exec_(self) -> int:
        buttons = self.standardButtons
        several = bin(buttons.value).count("1") > 1
        shown = Shown("question" if several else "message", self.text, self.detailedText or self.informativeText)
        refusing = next((each for each in (_Button.Cancel, _Button.No, _Button.Close) if each in buttons), _Button.Ok)
        answer = DIALOGS.show(shown, refusing.name)
        button = next((each for each in _Button if each.name.lower() == str(answer).lower()), None)
        if button is None or button not in (buttons or _Button.Ok):
            COMPLAINTS.add(f"the test answers {answer!r}, which {shown} does not offer")
            button = refusing
        return button.value

    exec = exec_

    @classmethod
    def _ask(cls, parent: Any, title: str, text: str, buttons: Any = _Button.Ok, default: Any = None) -> Any:
        box = cls(parent)
        box.setText(text)
        box.setStandardButtons(buttons)
        return _Button(box.exec_())

    information = warning = critical = _ask

    @classmethod
    def question(cls, parent: Any, title: str, text: str, buttons: Any = None, default: Any = None) -> Any:
        return cls._ask(parent, title, text, buttons or (_Button.Yes | _Button.No), default)


class ctkMessageBox(AnsweredMessageBox):
    """A message box that can be told not to come again."""

    STANDS_IN_FOR: ClassVar[str] = "ctkMessageBox"
    dontShowAgain = dontShowAgainVisible = False
    dontShowAgainSettingsKey = ""


class AnsweredFileDialog(QtWidgets.QFileDialog):
    """``QFileDialog``'s static functions: PythonQt returns the path alone."""

    STANDS_IN_FOR: ClassVar[str] = "QFileDialog"

    @staticmethod
    def getOpenFileName(parent: Any = None, caption: str = "", *_more: Any) -> str:
        return str(DIALOGS.show(Shown("file", caption), ""))

    @staticmethod
    def getSaveFileName(parent: Any = None, caption: str = "", *_more: Any) -> str:
        return str(DIALOGS.show(Shown("file", caption), ""))

    @staticmethod
    def getExistingDirectory(parent: Any = None, caption: str = "", *_more: Any) -> str:
        return str(DIALOGS.show(Shown("file", caption), ""))

    @staticmethod
    def getOpenFileNames(parent: Any = None, caption: str = "", *_more: Any) -> list[str]:
        return list(DIALOGS.show(Shown("file", caption), []))


class AnsweredInputDialog(QtWidgets.QInputDialog):
    """``QInputDialog``'s static functions: PythonQt returns the text alone, empty when canceled."""

    STANDS_IN_FOR: ClassVar[str] = "QInputDialog"

    @staticmethod
    def getText(parent: Any, title: str, label: str, *_more: Any) -> str:
        return str(DIALOGS.show(Shown("input", label), ""))

    @staticmethod
    def getMultiLineText(parent: Any, title: str, label: str, *_more: Any) -> str:
        return str(DIALOGS.show(Shown("input", label), ""))

    @staticmethod
    def getItem(parent: Any, title: str, label: str, *_more: Any) -> str:
        return str(DIALOGS.show(Shown("input", label), ""))
