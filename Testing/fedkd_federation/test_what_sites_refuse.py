"""A site does what its operator approved, with the code that was approved, and nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.federation import Federation, Worker, free_port, worker
from builders.federation_sites import study, train_stage
from fedkd_federation.audit import read_audit
from fedkd_federation.site_folder import SiteFolder

SITE = "alpha"


class _Asked:
    """A site that was asked for many things, and what its asker got."""

    def __init__(self, federation: Federation, site: Worker, answers: dict[str, dict[str, Any]]) -> None:
        self.federation, self.site, self.answers = federation, site, answers


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Asked]:
    root = tmp_path_factory.mktemp("refusals")
    federation = Federation(root, study([train_stage()], (SITE,)), free_port())
    federation.make({SITE: (("hps",),)})
    other = root / "other.yaml"
    other.write_text(study([train_stage()], (SITE,), title="Another study").canonical)
    with contextlib.ExitStack() as stack:
        site = stack.enter_context(worker("site", root / "site.log"))
        coordinator = stack.enter_context(worker("", root / "coordinator.log", "builders.other_coordinator"))
        federation.set_up(site, SITE)
        federation.start_site(site, SITE)
        coordinator.tell(folder=root / "out", port=federation.port, site=SITE, study=federation.study_path, other=other)
        coordinator.wait_for("end")
        yield _Asked(federation, site, {line["what"]: line for line in coordinator.lines})


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("other study", "of another study than the one that this site approved"),
        ("more steps", "does not ask for this in stage fed"),
        ("another round", "does not ask for this in stage fed"),
        ("no task", "is no task"),
        ("too few tensors", "not those of the task's network"),
        ("other plan", "not registered"),
    ],
)
def test_what_was_not_approved_is_refused_with_a_reason(asked: _Asked, what: str, reason: str) -> None:
    assert asked.answers[what]["answers"] == 0
    (problem,) = asked.answers[what]["problems"]
    assert reason in problem


def test_statistics_of_the_data_are_not_answered(asked: _Asked) -> None:
    assert asked.answers["analytics"]["answers"] == 0


def test_what_was_approved_is_done(asked: _Asked) -> None:
    # Else the refusals would prove nothing.
    assert asked.answers["approved task"]["answers"] == 1


def test_only_the_approved_task_trained_and_sent_tensors(asked: _Asked) -> None:
    began = asked.site.of_kind("task_began")
    refused = [line for line in asked.site.of_kind("task_ended") if line["problem"]]
    assert len(refused) == 6
    # The other plan is refused by Fed-BioMed itself, after the task was found to be one of the study.
    assert len(began) == 2
    lines = [line for line in read_audit(SiteFolder(asked.federation.folder(SITE)).audit) if line.what == "TrainReply"]
    assert [line for line in lines if "tensors of the network" in line.content] == lines[-1:]
    assert len(lines) == 7


def _tell(folder: Path, log: Path, **command: object) -> dict[str, Any]:
    with worker("site", log) as process:
        process.tell(folder=folder, **command)
        return process.wait_for("error", "connection", "approved", "plan")


def test_a_site_does_not_start_with_other_code_than_was_approved(asked: _Asked, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    source = asked.federation.folder(SITE)
    folder.mkdir()
    for name in ("site.json", "study.json"):
        (folder / name).write_bytes((source / name).read_bytes())
    approval = json.loads((source / "approval.json").read_text())
    approval["code"]["sha256"] = "0" * 64
    (folder / "approval.json").write_text(json.dumps(approval))
    said = _tell(folder, tmp_path / "log", do="start")
    assert said["what"] == "error"
    assert "Other code is installed at this site than was approved" in said["error"]["what"]
    (folder / "approval.json").unlink()
    said = _tell(folder, tmp_path / "log", do="start")
    assert said["error"]["what"] == "No study is approved at this site."
    assert not (folder / "audit.jsonl").exists()


def test_a_study_file_that_changed_since_it_was_shown_is_not_approved(asked: _Asked, tmp_path: Path) -> None:
    said = _tell(
        asked.federation.folder(SITE),
        tmp_path / "log",
        do="approve",
        study=asked.federation.study_path,
        study_sha256="0" * 64,
        plan_sha256="0" * 64,
    )
    assert "not the one that was shown" in said["error"]["what"]
