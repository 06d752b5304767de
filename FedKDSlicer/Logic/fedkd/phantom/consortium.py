"""Phantoms of several sites: each with its own scanners, patients, kinds of labels and habits of labeling."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd.phantom.acquisition import draw_acquisition
from fedkd.phantom.cases import start_worker
from fedkd.phantom.fields import Field as FieldOfView
from fedkd.phantom.files import is_finished
from fedkd.phantom.labeling import Labeling, write_labeled_case
from fedkd.phantom.make import Phantom, case_id, grid_for, scan
from fedkd.phantom.parameters import USUAL_ANNULUS, AnnulusSize
from fedkd.phantom.patient import draw_patient, stream

BUILT_IN_CONSORTIA = Path(__file__).resolve().parents[3] / "Resources" / "Consortia"

# Sites and consortia with different seeds never share a patient.
_MOST_CASES, _MOST_SITES = 10_000, 100
# What a scan with the exposure that is usual in the study shows; noise grows with the root of what is saved.
_NOISE_HU, _USUAL_MAS = 20.0, 316.0
_MOST_BYTES = 100_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SiteDescription(_Frozen):
    """One site.

    Args:
        cts: how many there are.
        hps: how many of them have labels of hinge points and ostia; the same for ``ms`` and ``calc``.
        mas: exposures of its protocols; each scan has one of them, give or take a quarter.
        annulus_mm: mean and SD of its patients' annuli.
        permuted: RCC and LCC, and RCO and LCO, are stored in each other's place.
    """

    cts: int = Field(ge=1, le=_MOST_CASES)
    hps: int = Field(default=0, ge=0)
    ms: int = Field(default=0, ge=0)
    calc: int = Field(default=0, ge=0)
    mas: tuple[Annotated[float, Field(gt=1, le=10_000)], ...] = Field(default=(_USUAL_MAS,), min_length=1, max_length=8)
    annulus_mm: tuple[Annotated[float, Field(ge=18, le=33)], Annotated[float, Field(ge=0, le=6)]] = (
        USUAL_ANNULUS.mean_mm,
        USUAL_ANNULUS.sd_mm,
    )
    permuted: bool = False

    @property
    def labeled(self) -> int:
        """The CTs that have any label: the first ones have several."""
        return min(max(self.hps, self.ms, self.calc), self.cts)


class Consortium(_Frozen):
    """Several sites. ``note`` says where the numbers are from.

    Args:
        field: the part of the patients that CTs show.
        sites: by their ids.
        observer_mm: median distance of people's points from the truth, the larger ones far out.
        swapped_septa: share of septum labels whose two points are stored in each other's place.
    """

    note: str = ""
    field: FieldOfView = FieldOfView.ROOT
    sites: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")], SiteDescription] = Field(
        min_length=1, max_length=_MOST_SITES
    )
    observer_mm: float = Field(default=0.0, ge=0, le=20)
    swapped_septa: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True)
class _Order:
    """One case to make."""

    seed: int
    folder: Path
    site: SiteDescription
    number: int


def read_consortium(name_or_path: str) -> Consortium:
    """Return the built-in consortium of that name, or the one in that JSON file.

    Raises:
        FedkdError: USAGE when there is none, or it is wrong.
    """
    built_in = BUILT_IN_CONSORTIA / f"{name_or_path}.json"
    is_name = Path(name_or_path).name == name_or_path
    path = built_in if is_name and built_in.is_file() else Path(name_or_path)
    try:
        with path.open("rb") as stream_of_bytes:
            return Consortium.model_validate_json(stream_of_bytes.read(_MOST_BYTES))
    except OSError as error:
        raise _unusable("There is no such consortium.", name_or_path) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise _unusable(f"The consortium is wrong at {where}: {first['msg']}.", path) from error


def make_consortium(
    out: Path, consortium: Consortium, seed: int, scale: float = 1.0, jobs: int = 1
) -> Iterator[tuple[str, list[Path]]]:
    """Write the cases of each site into ``out/<site>/``, and yield the site and its cases; finished ones are kept.

    Args:
        out: where to.
        consortium: what to make.
        seed: of all patients.
        scale: share of the CTs without labels that are made, at least one where there are any; labels stay as
            they are.
        jobs: processes at work.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    for index, (name, site) in enumerate(sorted(consortium.sites.items())):
        without = site.cts - site.labeled
        count = site.labeled + (max(1, round(without * scale)) if without else 0)
        first = (seed * _MOST_SITES + index) * _MOST_CASES
        orders = [
            _Order(first + number, out / name / case_id(first + number, consortium.field), site, number)
            for number in range(count)
        ]
        _make_all(consortium, [order for order in orders if not is_finished(order.folder)], jobs)
        yield name, [order.folder for order in orders]


def phantom_of_site(seed: int, site: SiteDescription, field: FieldOfView) -> Phantom:
    """Return a patient of the site, scanned there."""
    rng = stream(seed, "site")
    annulus = AnnulusSize(*site.annulus_mm)
    patient = draw_patient(seed, annulus)
    mas = float(rng.choice(site.mas)) * float(np.exp(rng.normal(0, 0.25)))
    usual = draw_acquisition(stream(seed, f"acquisition {field.value}"))
    settings = replace(usual, noise_hu=_NOISE_HU * float(np.sqrt(_USUAL_MAS / mas)))
    phantom = scan(patient, grid_for(patient, seed, field), seed, field, settings)
    parameters = {**phantom.description["parameters"], "exposure_mas": round(mas, 1)}
    return replace(phantom, description={**phantom.description, "parameters": parameters})


def _make_all(consortium: Consortium, orders: list[_Order], jobs: int) -> None:
    make_one = partial(_make, consortium)
    if jobs <= 1 or len(orders) <= 1:
        for order in orders:
            make_one(order)
        return
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(orders)), start_worker) as pool:
        for _ in pool.imap_unordered(make_one, orders):
            pass
        pool.close()
        pool.join()


def _make(consortium: Consortium, order: _Order) -> None:
    site = order.site
    rng = stream(order.seed, "labels")
    swaps = ((("RCC", "LCC"), ("RCO", "LCO")) if site.permuted else ()) + (
        (("MS1", "MS2"),) if rng.uniform() < consortium.swapped_septa else ()
    )
    labeling = Labeling(
        heads=tuple(head for head in ("hps", "ms", "calc") if order.number < getattr(site, head)),
        swaps=swaps,
        observer_mm=consortium.observer_mm,
    )
    write_labeled_case(order.folder, phantom_of_site(order.seed, site, consortium.field), labeling, rng)


def _unusable(what: str, where: object) -> FedkdError:
    return FedkdError(
        ExitCode.USAGE,
        what,
        where=where,
        what_to_do=f"Use a built-in one ({', '.join(sorted(p.stem for p in BUILT_IN_CONSORTIA.glob('*.json')))}) or "
        "correct the file.",
    )
