"""Phantoms of several sites: counts of labels as described, other scanners and patients, habits of labeling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fedkd.errors import ExitCode, FedkdError
from fedkd.geometry import hinge_circle_diameter_mm
from fedkd.phantom.consortium import BUILT_IN_CONSORTIA, Consortium, make_consortium, phantom_of_site, read_consortium
from fedkd.phantom.fields import Field
from fedkd.phantom.labeling import Labeling, labeled_points
from fedkd.phantom.parameters import AnnulusSize
from fedkd.phantom.patient import draw_patient
from fedkd.training.cases import find_cases
from fedkd.training.prepared import read_point_heads

TRUTH = {
    name: (float(number), 0.0, 0.0) for number, name in enumerate(("RCC", "LCC", "NCC", "RCO", "LCO", "MS1", "MS2"))
}


def diameters(annulus: AnnulusSize) -> np.ndarray:
    patients = [draw_patient(seed, annulus).landmarks_lps_mm() for seed in range(12)]
    return np.array([hinge_circle_diameter_mm(*(one[name] for name in ("RCC", "LCC", "NCC"))) for one in patients])


def test_published_consortium_is_the_studys() -> None:
    sites = read_consortium("published").sites
    assert sum(site.cts for site in sites.values()) == 8124
    assert [sites[f"L{n}"].hps for n in range(1, 9)] == [78, 30, 27, 42, 0, 20, 34, 25]
    assert [sites[f"L{n}"].ms for n in range(1, 9)] == [73, 0, 20, 0, 0, 0, 23, 0]
    assert [sites[f"L{n}"].calc for n in range(1, 9)] == [78, 20, 0, 0, 0, 20, 0, 0]
    assert [name for name, site in sites.items() if site.permuted] == ["L4"]
    assert all(read_consortium(path.stem).note for path in BUILT_IN_CONSORTIA.glob("*.json"))


def test_patients_of_a_site_have_its_annuli() -> None:
    small, large = diameters(AnnulusSize(22.0, 0.5)), diameters(AnnulusSize(28.0, 0.5))
    assert abs(small.mean() - 22) < 0.8
    assert abs(large.mean() - 28) < 0.8


def test_noise_grows_with_the_root_of_the_exposure_that_is_saved() -> None:
    one = Consortium.model_validate({"sites": {"a": {"cts": 1, "mas": [400]}, "b": {"cts": 1, "mas": [100]}}})
    high, low = (phantom_of_site(7, one.sites[name], Field.ROOT) for name in "ab")
    noise = [case.description["parameters"]["acquisition"]["noise_hu"] for case in (high, low)]
    exposures = [case.description["parameters"]["exposure_mas"] for case in (high, low)]
    assert noise[1] / noise[0] == pytest.approx(np.sqrt(exposures[0] / exposures[1]), rel=0.01)
    assert noise[1] == pytest.approx(2 * noise[0])
    assert high.points == low.points


def test_labels_are_as_many_as_described_and_unlabeled_cts_are_scaled(tmp_path: Path) -> None:
    content = {"sites": {"a": {"cts": 12, "hps": 2, "ms": 1, "calc": 1}, "b": {"cts": 1}}, "field": "root"}
    made = dict(make_consortium(tmp_path, Consortium.model_validate(content), 3, scale=0.1))
    assert {name: len(folders) for name, folders in made.items()} == {"a": 3, "b": 1}
    cases = find_cases(tmp_path / "a")
    assert [sorted(read_point_heads(case)) for case in cases] == [["hps", "ms"], ["hps"], []]
    assert [case.calcification is not None for case in cases] == [True, False, False]
    assert all(case.heart is None for case in cases)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("ct.nii.gz")}
    assert dict(make_consortium(tmp_path, Consortium.model_validate(content), 3, scale=0.1)) == made
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("ct.nii.gz")} == times


def test_permuted_labels_and_observers_errors() -> None:
    rng = np.random.default_rng(0)
    swapped = labeled_points(TRUTH, Labeling(("hps",), (("RCC", "LCC"), ("RCO", "LCO"))), rng)
    assert {name: place[0] for name, place in swapped.items() if place} == {
        "RCC": 1.0,
        "LCC": 0.0,
        "NCC": 2.0,
        "RCO": 4.0,
        "LCO": 3.0,
    }
    errors = []
    for _ in range(400):
        seen = labeled_points(TRUTH, Labeling(("hps",), observer_mm=1.7), rng)
        errors += [np.linalg.norm(np.subtract(place, TRUTH[name])) for name, place in seen.items() if place]
    assert np.median(errors) == pytest.approx(1.7, rel=0.06)
    assert max(errors) > 15
    assert labeled_points({**TRUTH, "RCO": None}, Labeling(("hps",), observer_mm=1.0), rng)["RCO"] is None  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "content", ["{", '{"sites": {}}', '{"sites": {"../a": {"cts": 1}}}', '{"sites": {"a": {"cts": 0}}}']
)
def test_wrong_descriptions_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "consortium.json"
    path.write_text(content)
    for name in (str(path), "../small", "nothing"):
        with pytest.raises(FedkdError) as caught:
            read_consortium(name)
        assert caught.value.code == ExitCode.USAGE
