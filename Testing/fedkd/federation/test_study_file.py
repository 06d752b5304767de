"""The study file: what it says, when it is refused, and the hash that coordinator and sites know it by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from builders.federation_sites import RECIPE, study, train_stage
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.study_file import StudyFile, parse_study, read_study
from fedkd.federation.study_views import study_lines

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "Docs" / "examples").glob("federation_*.yaml"))
LABEL = {"kind": "label", "name": "pseudo", "teachers": {"hps": "fed"}}
TABLE = {"kind": "evaluate", "name": "table", "rows": [{"method": "m", "network": "n", "stage": "fed"}]}


def fields(**changes: Any) -> dict[str, Any]:
    base = {
        "study_id": "tiny",
        "sites": [{"id": "a"}, {"id": "b"}, {"id": "h", "held_out": True}],
        "recipes": {"unet": RECIPE},
        "stages": [train_stage()],
    }
    return {**base, **changes}


def refusal(content: dict[str, Any] | bytes) -> str:
    raw = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    with pytest.raises(FedkdError) as caught:
        parse_study(raw, "study.yaml")
    assert caught.value.code == ExitCode.STUDY_INVALID
    return caught.value.what


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_studies(path: Path) -> None:
    found = read_study(path)
    assert found.package is not None
    assert found.held_out_sites
    assert any(found.sha256 in line for line in study_lines(found))


def test_hash_is_that_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    content = fields()
    reordered = dict(reversed(list(content.items())))
    texts = [yaml.safe_dump(content), "# a comment\n" + yaml.safe_dump(reordered, default_flow_style=True)]
    hashes = {parse_study(text.encode(), "").sha256 for text in texts}
    assert len(hashes) == 1
    # Sites get the content written out.
    first = parse_study(texts[0].encode(), "")
    assert parse_study(first.canonical.encode(), "").sha256 == first.sha256
    assert study([train_stage(steps=3)]).sha256 != study([train_stage(steps=2)]).sha256


def test_built_in_recipes_are_written_out() -> None:
    found = StudyFile.model_validate(fields(recipes={"unet": "teacher"}))
    assert found.recipes["unet"].stage.patch_size == 96
    assert "teacher" not in found.canonical
    assert "no built-in recipe ../secret" in refusal(fields(recipes={"unet": "../secret"}))
    assert "no built-in recipe heads" in refusal(fields(recipes={"unet": "heads"}))


def test_recipe_of_a_stage_has_its_heads_steps_and_frozen_backbone() -> None:
    found = study([train_stage(), train_stage("tuned", start_from="fed", trained="heads", rounds=3, steps=5)])
    recipe = found.recipe_of(found.train_stage("tuned"))
    assert recipe.optimization.steps == 15
    assert recipe.trained == ("hps", "ms", "calc")
    one = study([train_stage(heads=["ms"])])
    assert list(one.recipe_of(one.train_stage("fed")).stage.network.heads) == ["ms"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "two sites": (fields(sites=[{"id": "a"}, {"id": "A"}]), "two sites"),
    "site id": (fields(sites=[{"id": "../a"}]), "sites.0.id"),
    "nobody trains": (fields(sites=[{"id": "h", "held_out": True}]), "none is left to train"),
    "quorum": (fields(participation={"quorum": 3}), "quorum"),
    "two stages": (fields(stages=[train_stage(), train_stage("Fed")]), "two stages"),
    "unknown recipe": (fields(stages=[train_stage(recipe="swin")]), "no recipe swin"),
    "unknown head": (fields(stages=[train_stage(heads=["heart"])]), "heart"),
    "unknown field": (fields(stages=[train_stage(round=3)]), "round"),
    "start from the future": (fields(stages=[train_stage(start_from="later"), train_stage("later")]), "later"),
    "other network": (fields(stages=[train_stage(), train_stage("b", heads=["ms"], start_from="fed")]), "another"),
    "heads of nothing": (fields(stages=[train_stage(trained="heads")]), "an earlier stage"),
    "pseudo labels of nobody": (fields(stages=[train_stage(labels="pseudo")]), "makes pseudo labels"),
    "teacher without the head": (
        fields(stages=[train_stage(heads=["ms"]), LABEL]),
        "has no head hps",
    ),
    "soft without logits": (
        fields(stages=[train_stage(), LABEL, train_stage("s", labels="pseudo", distillation={"targets": "soft"})]),
        "keep_logits",
    ),
    "table before training": (fields(stages=[TABLE, train_stage()]), "no stage before it trains fed"),
    "teacher of one site": (fields(stages=[train_stage(aggregation={"kind": "local"}), LABEL]), "for each site"),
    "nothing common to evaluate": (
        fields(stages=[train_stage(aggregation={"kind": "selective"}, evaluate_every=1)]),
        "no common network",
    ),
    "package without heads": (
        fields(stages=[train_stage(heads=["hps"])], package={"model_id": "m", "student": "fed"}),
        "has no head ms, calc",
    ),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_does_not_fit_together_is_named(which: str) -> None:
    content, what = WRONG[which]
    assert what in refusal(content)


def test_hostile_files_are_refused() -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n".encode()
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "too many parts" in refusal(bomb)
    assert "YAML" in refusal(b"!!python/object/apply:os.system ['true']")
    assert "too large" in refusal(b"#" * 1_000_001)
    assert refusal(b"[]")
    assert refusal(b"\xff\xfe\x00")
    assert refusal(b"&a [*a]")
