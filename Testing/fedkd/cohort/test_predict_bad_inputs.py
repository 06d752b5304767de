"""Bad CTs through the real command: each has its own exit code and a clear message, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from builders.ct_images import GRID, array_on, ct_image, image_of
from builders.dicom_series import SeriesSpec, edit, write_series
from doubles.run_command import Ended, predict, unfinished
from fedkd.errors import ExitCode
from fedkd.geometry import Grid

HU = np.rint(array_on(GRID)).astype(np.int16)


def truncated(folder: Path) -> None:
    path = folder / "truncated.nii.gz"
    sitk.WriteImage(ct_image(), str(path))
    path.write_bytes(path.read_bytes()[:-2000])


def corrupt(folder: Path) -> None:
    path = folder / "corrupt.nii.gz"
    sitk.WriteImage(ct_image(), str(path))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def no_image(folder: Path) -> None:
    (folder / "no_image.nii.gz").write_text("This is a letter.")


def flat(folder: Path) -> None:
    sitk.WriteImage(ct_image()[:, :, 10], str(folder / "flat.nii.gz"))


def film(folder: Path) -> None:
    nibabel.save(nibabel.Nifti1Image(np.stack([HU.T] * 3, axis=-1), np.eye(4)), folder / "film.nii.gz")


def not_a_number(folder: Path) -> None:
    values = HU.astype(np.float32)
    values[0, 0, 0] = np.nan
    sitk.WriteImage(image_of(values, GRID), str(folder / "not_a_number.nii.gz"))


def other_units(folder: Path) -> None:
    sitk.WriteImage(image_of(HU + np.int16(1024), GRID), str(folder / "other_units.nii.gz"))


def thick(folder: Path) -> None:
    grid = Grid((44, 40, 12), (1.2, 1.25, 8.0), GRID.origin_lps_mm)
    sitk.WriteImage(ct_image(grid), str(folder / "thick.nii.gz"))


def hostile(folder: Path) -> None:
    """A header whose words would clear the terminal."""
    sitk.WriteImage(ct_image(), str(folder / "hostile.nrrd"))
    content = (folder / "hostile.nrrd").read_bytes()
    (folder / "hostile.nrrd").write_bytes(content.replace(b"kinds: domain", b"kinds: \x1b[2Jdomain", 1))


def dicom_gap(folder: Path) -> None:
    write_series(folder / "dicom_gap", HU, GRID, SeriesSpec())[20].unlink()


def dicom_truncated(folder: Path) -> None:
    file = write_series(folder / "dicom_truncated", HU, GRID, SeriesSpec())[20]
    file.write_bytes(file.read_bytes()[:-100])


def dicom_garbage(folder: Path) -> None:
    write_series(folder / "dicom_garbage", HU, GRID, SeriesSpec())[20].write_bytes(b"garbage" * 100)


def dicom_mixed(folder: Path) -> None:
    files = write_series(folder / "dicom_mixed", HU, GRID, SeriesSpec())
    edit(files[20], ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"])


def dicom_mr(folder: Path) -> None:
    write_series(folder / "dicom_mr", HU, GRID, SeriesSpec(modality="MR"))


def dicom_two(folder: Path) -> None:
    for name in ("one", "two"):
        write_series(folder / "dicom_two" / name, HU, GRID, SeriesSpec())


BAD: dict[Callable[[Path], None], ExitCode] = {
    truncated: ExitCode.INPUT_UNREADABLE,
    corrupt: ExitCode.INPUT_UNREADABLE,
    no_image: ExitCode.INPUT_UNREADABLE,
    flat: ExitCode.NOT_A_VOLUME,
    film: ExitCode.NOT_A_VOLUME,
    hostile: ExitCode.NOT_A_VOLUME,
    not_a_number: ExitCode.INTENSITIES_INVALID,
    other_units: ExitCode.INTENSITIES_INVALID,
    thick: ExitCode.GEOMETRY_INVALID,
    dicom_gap: ExitCode.GEOMETRY_INVALID,
    dicom_mixed: ExitCode.GEOMETRY_INVALID,
    dicom_truncated: ExitCode.INPUT_UNREADABLE,
    dicom_garbage: ExitCode.INPUT_UNREADABLE,
    dicom_mr: ExitCode.NOT_A_CT,
    dicom_two: ExitCode.SERIES_AMBIGUOUS,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "cts").mkdir()
    for write in BAD:
        write(folder / "cts")
    sitk.WriteImage(ct_image(), str(folder / "cts" / "good.nii.gz"))
    return folder / "out", predict(folder / "cts", "--output", folder / "out")


@pytest.mark.parametrize(("write", "code"), BAD.items(), ids=[write.__name__ for write in BAD])
def test_each_fault_has_its_code_and_says_what_where_and_what_to_do(run, write, code) -> None:
    error = run[1].cases[write.__name__]["error"]
    assert error["code"] == code, error
    assert write.__name__ in error["where"]
    for part in ("what", "what_to_do"):
        assert len(error[part].split()) > 2
    assert "\x1b" not in json.dumps(error, ensure_ascii=False)
    assert "Secret" not in json.dumps(error), "no patient's name"


def test_the_good_one_among_them_is_finished_and_nothing_else_is_there(run) -> None:
    output, ended = run
    assert ended.exit_code == ExitCode.SOME_CASES_FAILED
    assert ended.stderr == ""
    assert ended.cases["good"]["status"] == "done"
    # CTs that were written a while ago, in this test on a busy computer only, are known by their hashes from now on.
    assert {path.name for path in output.iterdir()} - {".known-cts"} == {".locks", "good", "summary.csv"}
    assert unfinished(output) == []


@pytest.mark.parametrize("progress", ["none", "rich"])
def test_no_header_commands_the_terminal(tmp_path: Path, progress: str) -> None:
    hostile(tmp_path)
    ended = predict(tmp_path / "hostile.nrrd", "--output", tmp_path / "out", progress=progress)
    assert ended.exit_code == ExitCode.NOT_A_VOLUME
    assert "\\x1b[2J" in ended.stderr
    assert "\x1b[2J" not in ended.stderr
    assert "Traceback" not in ended.stderr
