"""The study file: sites, stages, and every rule of a federation, in one text that all of them read and approve."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, SiteId, StageName, StudyId
from fedkd.federation.study_checks import check_stages
from fedkd.federation.study_stages import AnyStage, RecipeName, Stage, Text, TrainStage
from fedkd.federation.task import DifferentialPrivacy
from fedkd.models.card import first_problem
from fedkd.plain_text import printable
from fedkd.training.recipe import BUILT_IN_RECIPES, Recipe, choose

MOST_BYTES = 1_000_000
_MOST_PARTS = 20_000


class Site(Frozen):
    """A clinic. A ``held_out`` one trains nothing and labels nothing: networks are only evaluated there."""

    id: SiteId
    held_out: bool = False


class Participation(Frozen):
    """When a round counts.

    Args:
        quorum: of the sites that have something to teach in a stage, so many must answer, or all of them where there
            are fewer; else the round fails and is tried again. None: all of them.
        deadline_s: how long a round waits for a site.
        fewest_cases: a site with fewer cases to learn from takes no part in a stage.
        tries: how often a failed round is tried before the study stops.
    """

    quorum: int | None = Field(default=None, ge=1)
    deadline_s: float = Field(default=3600, gt=0, le=7 * 86400)
    fewest_cases: int = Field(default=1, ge=1)
    tries: int = Field(default=3, ge=1, le=100)


class Privacy(Frozen):
    """What hides a single site, or a single patient, in what is sent. Both cost accuracy or time."""

    secure_aggregation: bool = False
    differential: DifferentialPrivacy | None = None


class Package(Frozen):
    """The model package that the study ends with.

    Args:
        model_id: its name.
        student: the stage that trained the network with the heads hps, ms and calc.
        localizer: ``embedded``: the one of the embedded package, which finds the root in a CT; or the stage that
            trained one with the heads hps and heart.
    """

    model_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    student: StageName
    localizer: Literal["embedded"] | StageName = "embedded"
    license: Text = "Apache-2.0"
    intended_use: Text = "Research. Points and calcification must be checked by a reader. Not for clinical use."


def _allow_built_in_names(schema: dict[str, Any]) -> None:
    name = {"type": "string", "description": "a built-in recipe"}
    schema["patternProperties"] = {key: {"anyOf": [one, name]} for key, one in schema["patternProperties"].items()}


class StudyFile(Frozen):
    """A whole study. Its hash is that of the content with all recipes written out, however the file is laid out."""

    schema_version: Literal[1] = 1
    study_id: StudyId
    title: Text = ""
    sites: tuple[Site, ...] = Field(min_length=1, max_length=100)
    recipes: dict[RecipeName, Recipe] = Field(min_length=1, max_length=50, json_schema_extra=_allow_built_in_names)
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=100)
    participation: Participation = Participation()
    privacy: Privacy = Privacy()
    package: Package | None = None
    seed: int = Field(default=0, ge=0)

    @field_validator("recipes", mode="before")
    @classmethod
    def _write_out_built_in_recipes(cls, recipes: Any) -> Any:  # noqa: ANN401 - not yet checked
        if not isinstance(recipes, dict):
            return recipes
        return {name: _written_out(recipe) for name, recipe in recipes.items()}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ids = [site.id.casefold() for site in self.sites]
        if len(set(ids)) < len(ids):
            raise ValueError("two sites have the same id")
        if all(site.held_out for site in self.sites):
            raise ValueError("every site is held out: none is left to train")
        if self.participation.quorum is not None and self.participation.quorum > len(self.training_sites):
            raise ValueError("the quorum is higher than the number of sites that train")
        check_stages(self.stages, frozenset(self.recipes))
        for stage in self.stages:
            if isinstance(stage, TrainStage):
                self.recipe_of(stage)
        if self.package is not None:
            self._check_package(self.package)
        return self

    def _check_package(self, package: Package) -> None:
        needed: dict[str, tuple[str, ...]] = {package.student: ("hps", "ms", "calc")}
        if package.localizer != "embedded":
            needed[package.localizer] = ("hps", "heart")
        for name, heads in needed.items():
            recipe = self.recipe_of(self.train_stage(name))
            missing = [head for head in heads if head not in recipe.stage.network.heads]
            if missing:
                raise ValueError(f"package: the network of stage {name} has no head {', '.join(missing)}")

    @property
    def training_sites(self) -> tuple[str, ...]:
        """The sites that are not held out."""
        return tuple(site.id for site in self.sites if not site.held_out)

    @property
    def held_out_sites(self) -> tuple[str, ...]:
        """The sites on which networks are only evaluated."""
        return tuple(site.id for site in self.sites if site.held_out)

    def quorum_of(self, sites: int) -> int:
        """Return how many of ``sites`` must answer."""
        return min(self.participation.quorum or sites, sites)

    def stage(self, name: str) -> AnyStage:
        """Return the stage of that name.

        Raises:
            FedkdError: STUDY_INVALID when there is none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise study_invalid(f"The study has no stage {name}; it has {', '.join(s.name for s in self.stages)}.", name)

    def train_stage(self, name: str) -> TrainStage:
        """Return the training stage of that name.

        Raises:
            ValueError: there is none.
        """
        found = [stage for stage in self.stages if stage.name == name]
        if not found or not isinstance(found[0], TrainStage):
            raise ValueError(f"{name} is no stage that trains")
        return found[0]

    def recipe_of(self, stage: TrainStage) -> Recipe:
        """Return what a stage trains, with the steps of all its rounds.

        Raises:
            ValueError: the recipe does not have a head that the stage names.
        """
        recipe = self.recipes[stage.recipe]
        try:
            chosen = choose(recipe, stage.heads, stage.rounds * stage.steps, self.seed)
        except FedkdError as error:
            raise ValueError(f"stage {stage.name}: {error.what}") from error
        trained = "all" if stage.trained == "all" else tuple(chosen.stage.network.heads)
        return chosen.model_copy(update={"trained": trained})

    @cached_property
    def canonical(self) -> str:
        """The study as one JSON text, the same for every way of writing the file."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """What coordinator and sites know the study by."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def read_study(path: Path) -> StudyFile:
    """Read a study file: YAML or JSON.

    Raises:
        FedkdError: STUDY_INVALID with the first thing that is wrong.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise study_invalid(f"The study file cannot be read: {error.strerror or error}.", path) from error
    return parse_study(raw, path)


def parse_study(raw: bytes, where: object) -> StudyFile:
    """Return the study in a text.

    Raises:
        FedkdError: STUDY_INVALID with the first thing that is wrong.
    """
    if len(raw) > MOST_BYTES:
        raise study_invalid("The file is too large for a study.", where)
    try:
        content = yaml.safe_load(raw)
        _require_bounded(content)
        return StudyFile.model_validate(content)
    except yaml.YAMLError as error:
        raise study_invalid(f"This is no YAML: {printable(str(error))}.", where) from error
    except ValidationError as error:
        raise study_invalid(f"The study is wrong at {first_problem(error)}.", where) from error
    except (ValueError, RecursionError) as error:
        raise study_invalid(f"The study cannot be used: {error}.", where) from error


def study_invalid(what: str, where: object) -> FedkdError:
    """Return the error for a study file."""
    return FedkdError(
        ExitCode.STUDY_INVALID,
        what,
        where=where,
        what_to_do="Correct the study file; Docs/federation.md describes it.",
    )


def _written_out(recipe: object) -> object:
    if not isinstance(recipe, str):
        return recipe
    known = sorted(path.stem for path in BUILT_IN_RECIPES.glob("*.json") if path.stem != "heads")
    if recipe not in known:
        raise ValueError(f"there is no built-in recipe {recipe}; there are {', '.join(known)}")
    return json.loads((BUILT_IN_RECIPES / f"{recipe}.json").read_bytes())


def _require_bounded(content: object) -> None:
    """Raise when a short text means a huge content: YAML lets one part stand in many places."""
    left = _MOST_PARTS
    waiting = [content]
    while waiting:
        part = waiting.pop()
        left -= 1
        if left < 0:
            raise ValueError("it has too many parts")
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
