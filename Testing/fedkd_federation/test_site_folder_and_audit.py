"""What a site keeps on its disk, where one wrong file must mean: nothing runs, nothing leaves."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.federation_sites import study, train_stage
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.admission import Admission
from fedkd_federation.audit import AuditLog, read_audit
from fedkd_federation.clean_environment import clean_environment
from fedkd_federation.installed_code import InstalledCode, installed_code
from fedkd_federation.site_folder import Approval, SiteFolder, SiteSettings

STUDY = study([train_stage()], ("alpha",))


def _approved(root: Path, code: InstalledCode | None = None) -> SiteFolder:
    folder = SiteFolder(root)
    folder.make()
    folder.write_settings(SiteSettings(site="alpha", cases="/cases", coordinator_host="localhost", coordinator_port=1))
    code = code or installed_code()
    approval = Approval(study_sha256=STUDY.sha256, plan_sha256="0" * 64, code=code, when=datetime.now(UTC))
    folder.write_approval(approval, STUDY)
    return folder


def _refusal(folder: SiteFolder) -> str:
    with pytest.raises(FedkdError) as raised:
        Admission(folder).require()
    assert raised.value.code in (ExitCode.TASK_REFUSED, ExitCode.STUDY_INVALID)
    return raised.value.what


def test_an_approved_study_is_admitted(tmp_path: Path) -> None:
    approval, approved = Admission(_approved(tmp_path)).require()
    assert approved == STUDY
    assert approval.study_sha256 == STUDY.sha256


@pytest.mark.parametrize("change", [{"version": "9.9"}, {"sha256": "1" * 64}])
def test_other_code_is_not_admitted(tmp_path: Path, change: dict[str, str]) -> None:
    folder = _approved(tmp_path, installed_code().model_copy(update=change))
    assert "Other code is installed" in _refusal(folder)


def test_other_libraries_are(tmp_path: Path) -> None:
    folder = _approved(tmp_path, installed_code().model_copy(update={"libraries": {"torch": "0.1"}}))
    Admission(folder).require()


def test_a_study_that_was_exchanged_is_not_admitted(tmp_path: Path) -> None:
    folder = _approved(tmp_path)
    (tmp_path / "study.json").write_text(study([train_stage(steps=9)], ("alpha",)).canonical)
    assert "not the one that was approved" in _refusal(folder)


@pytest.mark.parametrize("content", ["", "{", '{"study_sha256": "x"}'])
def test_a_damaged_approval_is_none(tmp_path: Path, content: str) -> None:
    folder = _approved(tmp_path)
    (tmp_path / "approval.json").write_text(content)
    assert "No study is approved" in _refusal(folder)


def test_withdrawn_is_withdrawn(tmp_path: Path) -> None:
    folder = _approved(tmp_path)
    admission = Admission(folder)
    admission.require()
    folder.withdraw_approval()
    with pytest.raises(FedkdError, match="No study is approved"):
        admission.require()


def test_temporary_files_of_an_earlier_run_are_gone(tmp_path: Path) -> None:
    folder = _approved(tmp_path)
    (folder.temporary / "left").write_text("x")
    (folder.work / "labels").write_text("x")
    folder.make()
    assert list(folder.temporary.iterdir()) == []
    assert (folder.work / "labels").exists()


def test_an_audit_line_that_a_crash_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, "localhost:1", "0" * 64)
    log.write("TrainReply", "3 tensors", 12, "exper")
    log.write("ListReply", "counts", 3)
    with path.open("a") as stream:
        stream.write('{"when": "2026-')
    assert [(line.what, line.size_bytes, line.to) for line in read_audit(path)] == [
        ("TrainReply", 12, "localhost:1"),
        ("ListReply", 3, "localhost:1"),
    ]


def test_a_line_that_cannot_be_written_is_an_error_so_that_its_message_stays(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - any of the operating system's
        AuditLog(tmp_path / "absent" / "audit.jsonl", "", "").write("TrainReply", "", 1)


def test_fedbiomeds_variables_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBM_SECURITY_TRAINING_PLAN_APPROVAL", "False")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    clean_environment(tmp_path)
    assert "FBM_SECURITY_TRAINING_PLAN_APPROVAL" not in os.environ
