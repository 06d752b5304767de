"""A person predicts CTs in the panel."""

from __future__ import annotations

from pathlib import Path

from doubles.run_command import small_ct
from harness.person import Person
from harness.pictures import take_panel_picture


def test_a_file_is_predicted_and_opened(person: Person, tmp_path: Path) -> None:
    ct = small_ct(tmp_path / "cts" / "good.nii.gz")
    person.choose("inputKind", "A file")
    person.find("ctFile").setCurrentPath(str(ct))
    person.press("Predict")
    person.wait_until(lambda: "Done" in person.sees(), 30)
    person.wait_until(lambda: "Open: To be reviewed" in table(person), 30)
    take_panel_picture(person.panel, Path("/work/tmp/predict/a.png"))


def table(person: Person) -> str:
    cases = person.find("caseTable")
    cells = [cases.item(row, column) for row in range(cases.rowCount) for column in range(cases.columnCount)]
    return "\n".join(cell.text() for cell in cells if cell is not None)
