"""What a person does on the tab "Predict & Review", in one word each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtTest

from harness.person import Person


def choose_file(person: Person, ct: Path) -> None:
    """Choose one file."""
    person.choose("inputKind", "A file")
    person.type_text("ctFile", str(ct))


def choose_worklist(person: Person, path: Path) -> None:
    """Choose a folder or a table with several CTs."""
    person.choose("inputKind", "Several CTs: a folder or a CSV file")
    person.type_text("worklistPath", str(path))


def states(person: Person) -> dict[str, str]:
    """Return case -> state, as the list of cases shows them; empty while there is none."""
    shown = [each for each in person.panel.findChildren("QTableWidget") if each.name == "caseTable" and each.visible]
    return {} if not shown else {shown[0].item(row, 0).text(): shown[0].item(row, 1).text() for row in rows(shown[0])}


def rows(table: Any) -> range:
    """Return the rows of a table."""
    return range(table.rowCount)


def click_case(person: Person, name: str) -> None:
    """Click a case in the list."""
    table = person.find("caseTable")
    [row] = [row for row in rows(table) if table.item(row, 0).text() == name]
    table.scrollToItem(table.item(row, 0))
    place = table.visualItemRect(table.item(row, 0)).center()
    QtTest.QTest.mouseClick(table.viewport(), QtCore.Qt.MouseButton.LeftButton, pos=place)
    person.wait()


def is_open(person: Person, name: str) -> bool:
    """Return whether the list marks the case as the open one."""
    return states(person).get(name, "").startswith("Open")
