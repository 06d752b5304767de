"""Fed-BioMed's real node reaches the real researcher through both gateways; with a wrong credential it does nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from builders.federation import Federation, Worker, worker
from builders.federation_sites import study, train_stage
from builders.gateways import (
    PASSWORD,
    EnrolledSite,
    FalseCoordinator,
    admitted_site,
    free_port,
    imported_site,
    reissued,
    soon,
)
from fedkd.networks import build_network
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.enrollment import admit, revoke
from fedkd_federation.gateway.kit_import import set_password
from fedkd_federation.gateway.nginx_process import NginxProcess, reload_running
from fedkd_federation.gateway.passed_log import read_passed, totals
from fedkd_federation.gateway.site_files import write_site_config

SITES = ("alpha", "beta")
LONG_ROUNDS = 6
WAIT_S = 400


@dataclass
class Happened:
    """What each wrong credential led to, and then the study with right ones, in which beta is revoked halfway."""

    federation: Federation
    coordinator: CoordinatorFiles
    gateways: dict[str, EnrolledSite]
    researcher: Worker
    sites: dict[str, Worker]
    told_false_coordinator: bytes | None = None
    done_when_wrong: dict[str, list[str]] = field(default_factory=dict)
    audit_at_revocation: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Happened]:
    root = tmp_path_factory.mktemp("gateways")
    stages = [train_stage("plain"), train_stage("long", rounds=LONG_ROUNDS)]
    whole = study(stages, SITES, participation={"quorum": 1, "deadline_s": 60, "tries": 2})
    federation = Federation(root, whole, free_port())
    federation.make({"alpha": (("hps",),), "beta": (("hps",),)})
    coordinator = prepared(federation)
    alpha = admitted_site(coordinator, root / "gateway-alpha", "alpha")
    beta = imported_site(coordinator, root / "gateway-beta", "beta")
    gateways = {"alpha": alpha, "beta": beta}
    with contextlib.ExitStack() as stack:
        for site in SITES:
            stack.enter_context(NginxProcess(gateways[site].files.nginx))
        researcher = stack.enter_context(worker("coordinator", root / "coordinator.log"))
        sites = {site: stack.enter_context(worker("site", root / f"{site}.log")) for site in SITES}
        start = {"folder": federation.out, "study": federation.study_path, "port": federation.port}
        researcher.tell(do="start", **start, wait_s=WAIT_S)
        for site in SITES:
            federation.set_up(sites[site], site, gateways[site].files.read_settings().port)
        play = Happened(federation, coordinator, gateways, researcher, sites)
        federation.start_site(sites["beta"], "beta")
        try_wrong_credentials(play)
        with NginxProcess(coordinator.nginx):
            federation.start_site(sites["alpha"], "alpha")
            researcher.wait_for_round("long", 1, within_s=WAIT_S)
            revoke(coordinator, "beta")
            play.audit_at_revocation = sent_models(play, "beta")
            researcher.wait_for("result", "error", within_s=WAIT_S)
            yield play


def prepared(federation: Federation) -> CoordinatorFiles:
    """The gateway as the command makes it: in a process that knows Fed-BioMed."""
    port = free_port()
    command = {
        "id": 1,
        "study": str(federation.study_path),
        "results": str(federation.out),
        "gateway": str(federation.root / "gateway"),
        "coordinator": {"host": "localhost", "port": port},
        "listen": {"host": "127.0.0.1", "port": port},
        "researcher_port": federation.port,
    }
    asked = [sys.executable, "-m", "fedkd_federation.prepare_gateway"]
    made = subprocess.run(asked, input=json.dumps(command) + "\n", capture_output=True, text=True)
    assert json.loads(made.stdout) == {"what": "done", "id": 1}, made.stderr
    return CoordinatorFiles(federation.root / "gateway")


def try_wrong_credentials(play: Happened) -> None:
    """One running node of beta, and one wrong thing after the other around it. It dials again every two seconds."""
    coordinator, beta = play.coordinator, play.gateways["beta"]
    now = datetime.now(UTC)
    with NginxProcess(coordinator.nginx):
        record(play, "not admitted", refused_with(play, 403))
        admit(coordinator, beta.answer)
        set_password(beta.files, "another-Passw0rd-of-some-length")
        record(play, "wrong password", refused_with(play, 401))
        admit(coordinator, set_password(beta.files, PASSWORD))
        admitted = coordinator.find_site("beta")
        assert admitted is not None
        coordinator.write_site(admitted.model_copy(update={"networks": ("192.0.2.0/24",)}))
        rewrite(coordinator)
        record(play, "address not allowed", refused_with(play, 403))
        coordinator.write_site(admitted)
        reissued(coordinator, beta, Validity(now - timedelta(days=9), now - timedelta(minutes=1)))
        reload_running(beta.files.nginx)
        record(play, "expired certificate", refused_with(play, 400))
        config = beta.files.nginx / "nginx.conf"
        config.write_text("".join(x for x in config.read_text().splitlines(True) if "grpc_ssl_certificate" not in x))
        reload_running(beta.files.nginx)
        record(play, "no certificate", refused_with(play, 400))
        write_site_config(beta.files)
        reissued(coordinator, beta, Validity.of_days(90))
    key = certificates.new_key()
    made = certificates.self_signed(Subject("x", None, ("localhost",)), key, Validity.of_days(1))
    port = coordinator.read_settings().coordinator.port
    with FalseCoordinator(port, play.federation.root, made, key) as false:
        reload_running(beta.files.nginx)
        record(play, "false coordinator", lambda: false.visits > 1)
        play.told_false_coordinator = false.told


def rewrite(coordinator: CoordinatorFiles) -> None:
    write_coordinator_config(coordinator)
    reload_running(coordinator.nginx)


def refused_with(play: Happened, status: int) -> Callable[[], bool]:
    """Whether the coordinator's gateway has refused twice since now, and nothing else happened."""
    before = len(list(read_passed(play.coordinator.nginx)))
    return lambda: [one.status for one in read_passed(play.coordinator.nginx)][before:].count(status) > 1


def record(play: Happened, wrong: str, refused: Callable[[], bool]) -> None:
    assert soon(refused), wrong
    arrived = [line["site"] for line in play.researcher.of_kind("site_seen")]
    began = [str(line) for line in play.sites["beta"].of_kind("task_began")]
    sent = [line for line in audit_lines(play, "beta") if "TrainReply" in line or "SearchReply" in line]
    play.done_when_wrong[wrong] = [*arrived, *began, *sent]


def audit_lines(play: Happened, site: str) -> list[str]:
    path = play.federation.folder(site) / "audit.jsonl"
    return path.read_text().splitlines() if path.exists() else []


def sent_models(play: Happened, site: str) -> list[str]:
    return [line for line in audit_lines(play, site) if "tensors of the network" in line]


@pytest.mark.parametrize(
    "wrong",
    [
        "not admitted",
        "wrong password",
        "address not allowed",
        "expired certificate",
        "no certificate",
        "false coordinator",
    ],
)
def test_with_a_wrong_credential_nothing_is_asked_trained_or_sent(happened: Happened, wrong: str) -> None:
    assert happened.done_when_wrong[wrong] == []


def test_a_false_coordinator_heard_nothing_from_the_node(happened: Happened) -> None:
    assert happened.told_false_coordinator == b""


def test_with_right_ones_the_study_runs_to_its_end(happened: Happened) -> None:
    assert happened.researcher.of_kind("result"), happened.researcher.of_kind("error")
    rounds = [line for line in happened.researcher.of_kind("round") if line["stage"] == "plain"]
    assert [sorted(one["site"] for one in line["answers"]) for line in rounds] == [["alpha", "beta"]] * 2


def test_a_site_revoked_between_rounds_sends_nothing_more_and_the_study_goes_on(happened: Happened) -> None:
    last = [line for line in happened.researcher.of_kind("round") if line["stage"] == "long"][-1]
    assert last["round"] == LONG_ROUNDS - 1
    assert [one["site"] for one in last["answers"]] == ["alpha"]
    arrived = [one for line in happened.researcher.of_kind("round") for one in line["answers"] if one["site"] == "beta"]
    # What the node had sent to its own gateway when it was revoked may not have arrived.
    assert len(arrived) <= len(happened.audit_at_revocation)


def test_no_more_passes_than_the_models_and_little_else(happened: Happened) -> None:
    whole = happened.federation.study
    network = build_network(whole.recipe_of(whole.train_stage("plain")).stage.network)
    model_bytes = sum(value.numel() * value.element_size() for value in network.parameters())
    rounds = len(happened.researcher.of_kind("round"))
    (alpha,) = [
        one for one in totals(read_passed(happened.coordinator.nginx)) if (one.site, one.status) == ("alpha", 200)
    ]
    assert rounds == 2 + LONG_ROUNDS
    for passed in (alpha.received_bytes, alpha.sent_bytes):
        # A tenth more for headers, framing and counts; 20 kB a round for what does not depend on the model's size.
        assert rounds * model_bytes < passed < rounds * (1.1 * model_bytes + 20_000)
