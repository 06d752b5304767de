"""``fedkd measure`` as a user runs it, with a quick scene and report."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
import SimpleITK as sitk

from builders.dicom_series import SeriesSpec, write_series
from builders.soft_root import ROOT, soft_ct
from doubles.run_command import Ended
from fedkd.case.provenance import Provenance, read_provenance
from fedkd.errors import ExitCode
from fedkd.geometry import Grid
from fedkd.measurement.catalog import KEYS
from fedkd.pointsets import PointList, read_points, write_points

COMMAND = Path(__file__).resolve().parents[2] / "doubles" / "measure_command.py"
SCHEMAS = Path(__file__).resolve().parents[3] / "FedKDSlicer" / "Resources" / "Schemas"


def measure(*arguments: str | Path, progress: str = "json") -> Ended:
    command = [sys.executable, str(COMMAND), "measure", *map(str, arguments), "--progress", progress]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CT and its landmarks."""
    folder = tmp_path_factory.mktemp("inputs")
    sitk.WriteImage(soft_ct(noise_hu=15.0).image, str(folder / "scan.nii.gz"))
    write_points(folder / "points.mrk.json", PointList.from_positions(ROOT.landmarks_lps_mm()))
    return folder


@pytest.fixture(scope="module")
def made(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """The case folder of a CT that was measured with these landmarks."""
    output = tmp_path_factory.mktemp("out")
    ended = measure(inputs / "scan.nii.gz", "--landmarks", inputs / "points.mrk.json", "--output", output)
    assert ended.exit_code == ExitCode.OK, ended.stderr + ended.stdout
    return output / "scan", ended


@pytest.fixture
def case(made: tuple[Path, Ended], tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made[0], tmp_path / "out" / "scan"))


def document(case: Path) -> dict[str, object]:
    return json.loads((case / "measurements.json").read_text())


def provenance(case: Path) -> Provenance:
    found = read_provenance(case)
    assert found is not None
    return found


def with_scene(case: Path, ct: Path, name: str = "scene/Data/scan.nrrd") -> None:
    """Put the CT into the case's scene, as Slicer does."""
    nrrd = case.parent / "for-scene.nrrd"
    sitk.WriteImage(sitk.ReadImage(str(ct), sitk.sitkInt16), str(nrrd))
    with zipfile.ZipFile(case / "scene.mrb", "w") as archive:
        archive.write(nrrd, name)
        archive.writestr("scene/Data/Calcification.seg.nrrd", b"NRRD0004")
    nrrd.unlink()


def move(case: Path, label: str, up_mm: float) -> None:
    points = read_points(case / "landmarks.mrk.json")
    x, y, z = points.defined_positions_lps_mm()[label]
    moved = points.defined_positions_lps_mm() | {label: (x, y, z + up_mm)}
    write_points(case / "landmarks.mrk.json", PointList.from_positions(moved))


def test_a_ct_with_landmarks_becomes_a_case(made: tuple[Path, Ended]) -> None:
    case, ended = made
    result = ended.cases["scan"]
    assert [line["key"] for line in result["measurements"]] == list(KEYS)
    assert document(case)["annulus_diameter_area_mm"]["value"] == pytest.approx(24.0, abs=0.5)
    assert document(case)["landmark_source"] == "file points.mrk.json"
    assert {point.placed_by for point in provenance(case).landmarks} == {"file"}
    assert provenance(case).model is None
    assert "landmarks.mrk.json" in provenance(case).files
    assert (case / "hps.mps").is_file()
    fractions = [line["fraction"] for line in ended.lines[:-1]]
    assert fractions == sorted(fractions)


def test_files_agree_with_their_schemas(made: tuple[Path, Ended]) -> None:
    case, ended = made
    for name in ("measurements", "shapes", "provenance"):
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(json.loads((case / f"{name}.json").read_text()))
    schema = json.loads((SCHEMAS / "progress.schema.json").read_text())
    for line in ended.lines:
        jsonschema.Draft202012Validator(schema).validate(line)


def test_tables_have_the_values(made: tuple[Path, Ended]) -> None:
    case = made[0]
    with (case / "measurements.csv").open(newline="", encoding="utf-8") as stream:
        rows = {row["key"]: row for row in csv.DictReader(stream)}
    assert list(rows) == list(KEYS)
    assert float(rows["ms2_to_plane_mm"]["value"]) == pytest.approx(-6.5, abs=0.01), "a number, not text"
    with (case.parent / "summary.csv").open(newline="", encoding="utf-8") as stream:
        [row] = csv.DictReader(stream)
    assert float(row["lco_height_mm"]) == pytest.approx(13.5, abs=0.01)
    assert row["status"] == "done"


def test_a_moved_landmark_is_measured_again_and_known_as_moved(case: Path, inputs: Path) -> None:
    with_scene(case, inputs / "scan.nii.gz")
    (case / "my notes.txt").write_text("the reader's own")
    move(case, "LCO", 2.0)
    ended = measure(case, "--calcium-threshold", "850")
    assert ended.exit_code == ExitCode.OK, ended.stdout
    expected = 13.5 + 2.0 * float(ROOT.plane.normal_lps[2])
    assert document(case)["lco_height_mm"]["value"] == pytest.approx(expected, abs=0.01)
    assert document(case)["calcium_threshold"] == "850"
    assert document(case)["landmark_source"] == "file points.mrk.json; corrected by a reader: LCO"
    placed = {point.label: point.placed_by for point in provenance(case).landmarks}
    assert (placed["LCO"], placed["RCO"]) == ("reader", "file")
    assert (case / "my notes.txt").read_text() == "the reader's own"
    assert (case / "report.html").is_file()
    [first, *_] = read_points(case / "hps.mps")
    assert first.label == "RCC"
    assert read_points(case / "hps.mps").defined_positions_lps_mm()["LCO"] == pytest.approx(
        read_points(case / "landmarks.mrk.json").defined_positions_lps_mm()["LCO"], abs=1e-4
    )


def test_a_threshold_that_is_none_is_refused_before_any_work(case: Path) -> None:
    before = (case / "measurements.json").read_bytes()
    ended = measure(case, "--calcium-threshold", "bright")
    assert ended.exit_code == ExitCode.USAGE
    assert "'bright' is no calcium threshold" in ended.stdout
    assert (case / "measurements.json").read_bytes() == before


def test_painted_calcification_counts(case: Path, inputs: Path) -> None:
    path = case / "calcification.seg.nrrd"
    image = sitk.ReadImage(str(path))
    index = image.TransformPhysicalPointToIndex(ROOT.at(0.35, 8.0, 5.0))
    ct = sitk.ReadImage(str(inputs / "scan.nii.gz"), sitk.sitkInt16)
    bright = sitk.ReadImage(str(inputs / "scan.nii.gz"), sitk.sitkInt16)
    for offset in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)):
        voxel = [a + b for a, b in zip(index, offset, strict=True)]
        bright[voxel] = 1200
        image[voxel] = 1
    sitk.WriteImage(image, str(path))
    assert ct.GetSize() == image.GetSize()
    with_scene(case, inputs / "scan.nii.gz")
    bright_file = case.parent / "bright.nii.gz"
    sitk.WriteImage(bright, str(bright_file))
    with_scene(case, bright_file)
    ended = measure(case)
    assert ended.exit_code == ExitCode.OK, ended.stdout
    assert document(case)["calcium_total_mm3"]["value"] > 0
    assert (case / "calcification.marked.seg.nrrd").is_file()


def test_another_ct_is_refused_and_nothing_is_changed(case: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.nii.gz"
    sitk.WriteImage(soft_ct(noise_hu=16.0).image, str(other))
    before = (case / "measurements.json").read_bytes()
    ended = measure(case, "--ct", other)
    assert ended.exit_code == ExitCode.CT_DIFFERS
    assert "scan.nii.gz" in ended.last["error"]["what"]
    assert (case / "measurements.json").read_bytes() == before
    assert not list(case.parent.glob(".partial-*"))


def test_the_ct_of_the_case_is_accepted_from_elsewhere(case: Path, inputs: Path) -> None:
    ended = measure(case, "--ct", inputs / "scan.nii.gz", progress="none")
    assert ended.exit_code == ExitCode.OK, ended.stderr
    assert "Annulus area" in ended.stdout
    assert "Not for clinical use" in ended.stdout


@pytest.mark.parametrize("content", [b"scene", b"PK\x03\x04", b""])
def test_a_scene_that_is_no_archive_is_refused(case: Path, content: bytes) -> None:
    (case / "scene.mrb").write_bytes(content)
    ended = measure(case)
    assert ended.exit_code == ExitCode.INPUT_UNREADABLE
    assert "--ct" in ended.last["error"]["what_to_do"]


def test_mistakes_on_the_command_line_are_explained(made: tuple[Path, Ended], inputs: Path, tmp_path: Path) -> None:
    assert measure(tmp_path / "nothing").exit_code == ExitCode.INPUT_NOT_FOUND
    assert measure(inputs / "scan.nii.gz").exit_code == ExitCode.INPUT_NOT_FOUND
    assert measure(made[0], "--output", tmp_path).exit_code == ExitCode.USAGE
    again = measure(inputs / "scan.nii.gz", "--landmarks", inputs / "points.mrk.json", "--output", made[0].parent)
    assert again.exit_code == ExitCode.CASE_EXISTS


def test_points_that_are_no_landmarks_are_refused(inputs: Path, tmp_path: Path) -> None:
    write_points(tmp_path / "p.csv", PointList.from_positions({"tip": (0.0, 0.0, 0.0)}))
    ended = measure(inputs / "scan.nii.gz", "--landmarks", tmp_path / "p.csv", "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.POINTS_INVALID
    assert not (tmp_path / "out" / "scan").exists()


def test_a_report_that_fails_costs_no_measurement(inputs: Path, tmp_path: Path) -> None:
    shutil.copy(inputs / "scan.nii.gz", tmp_path / "reportfails.nii.gz")
    points = inputs / "points.mrk.json"
    ended = measure(tmp_path / "reportfails.nii.gz", "--landmarks", points, "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK
    assert ended.cases["reportfails"]["notes"] == ["The report was not made: A picture is damaged."]
    assert (tmp_path / "out" / "reportfails" / "measurements.json").is_file()


def test_a_dicom_series_gets_its_results_as_dicom(inputs: Path, tmp_path: Path) -> None:
    image = sitk.ReadImage(str(inputs / "scan.nii.gz"), sitk.sitkInt16)
    write_series(tmp_path / "series", sitk.GetArrayFromImage(image), Grid.of(image), SeriesSpec())
    points = inputs / "points.mrk.json"
    ended = measure(tmp_path / "series", "--landmarks", points, "--output", tmp_path / "out")
    assert ended.exit_code == ExitCode.OK, ended.stdout
    assert ended.cases["series"]["notes"] == []
    assert (tmp_path / "out" / "series" / "dicom" / "measurements.dcm").is_file()
    assert "dicom/measurements.dcm" in provenance(tmp_path / "out" / "series").files


def test_a_case_whose_ct_is_only_in_its_scene_keeps_it(case: Path, inputs: Path) -> None:
    case = case.rename(case.with_name("scenecrash"))
    with_scene(case, inputs / "scan.nii.gz")
    move(case, "LCO", 2.0)
    before = {path.name: path.read_bytes() for path in case.iterdir() if path.is_file()}
    ended = measure(case)
    assert ended.exit_code == ExitCode.SCENE_FAILED
    assert "--ct" in ended.last["error"]["what_to_do"]
    assert {path.name: path.read_bytes() for path in case.iterdir() if path.is_file()} == before
    assert measure(case, "--ct", inputs / "scan.nii.gz").exit_code == ExitCode.OK


def test_a_damaged_ct_in_the_scene_is_told_of_the_scene(case: Path) -> None:
    with zipfile.ZipFile(case / "scene.mrb", "w") as archive:
        archive.writestr("scene/Data/scan.nrrd", b"no volume")
    ended = measure(case)
    assert ended.exit_code == ExitCode.INPUT_UNREADABLE
    assert ended.last["error"]["where"] == str(case / "scene.mrb")
    assert "--ct" in ended.last["error"]["what_to_do"]


def test_a_link_to_a_case_stays_a_link(case: Path, inputs: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(case, target_is_directory=True)
    before = provenance(case).finished_utc
    assert measure(link, "--ct", inputs / "scan.nii.gz").exit_code == ExitCode.OK
    assert measure(case / "views" / "..", "--ct", inputs / "scan.nii.gz").exit_code == ExitCode.OK
    assert link.is_symlink()
    assert provenance(case).finished_utc > before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize(
    ("name", "code"),
    [("landmarks.mrk.json", ExitCode.INPUT_UNREADABLE), ("provenance.json", ExitCode.INPUT_NOT_FOUND)],
)
def test_pipes_in_a_case_folder_are_not_waited_for(case: Path, name: str, code: ExitCode) -> None:
    (case / name).unlink()
    os.mkfifo(case / name)
    assert measure(case).exit_code == code
