"""What leaves a site is written down there before it leaves."""

from __future__ import annotations

import stat

from builders.federation_course import LONG_ROUNDS, SITES, Course
from fedkd.networks import build_network
from fedkd_federation.audit import read_audit
from fedkd_federation.site_folder import SiteFolder


def test_every_answer_is_in_the_audit_log_with_its_size_and_its_address(course: Course) -> None:
    study = course.federation.study
    network = build_network(study.recipe_of(study.train_stage("plain")).stage.network)
    model_bytes = sum(value.numel() * value.element_size() for value in network.parameters())
    for site in ("alpha", "beta"):
        lines = read_audit(SiteFolder(course.federation.folder(site)).audit)
        replies = [line for line in lines if line.what == "TrainReply"]
        assert len(replies) >= 2 + 7 + LONG_ROUNDS - 1
        for line in replies:
            assert 0.5 * model_bytes < line.size_bytes < 1.1 * model_bytes
            assert line.to == f"localhost:{course.federation.port}"
            assert line.study == study.sha256
            assert "tensors" in line.content


def test_the_audit_log_is_for_its_owner_alone_and_in_order(course: Course) -> None:
    for site in SITES:
        path = SiteFolder(course.federation.folder(site)).audit
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        times = [line.when for line in read_audit(path)]
        assert times == sorted(times)


def test_fedbiomeds_log_does_not_leave(course: Course) -> None:
    for site in SITES:
        kinds = {line.what for line in read_audit(SiteFolder(course.federation.folder(site)).audit)}
        assert kinds <= {"TrainReply", "ListReply", "PingReply", "SearchReply", "ErrorMessage"}
