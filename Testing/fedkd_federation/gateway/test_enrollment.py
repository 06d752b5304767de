"""Who is enrolled and admitted: one key, one site, one answer that counts."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from builders.gateways import PASSWORD, admitted_site, agreement, coordinator_files, imported_site
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway.answer import new_answer, read_answer
from fedkd_federation.gateway.certificates import load_key, new_key
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles, write_document
from fedkd_federation.gateway.coordinator_set_up import set_up_coordinator
from fedkd_federation.gateway.enrollment import NewSite, admit, enroll, revoke
from fedkd_federation.gateway.kit_import import set_password
from fedkd_federation.gateway.names import Address
from fedkd_federation.gateway.site_files import write_site_config


@pytest.fixture
def coordinator(tmp_path: Path) -> CoordinatorFiles:
    return coordinator_files(tmp_path / "coordinator", 50051, b"no certificate")


def enroll_plainly(coordinator: CoordinatorFiles, name: str, kit: Path) -> None:
    enroll(coordinator, NewSite(site=name, networks=("127.0.0.1/32",)), kit)


def refused(code: ExitCode, call: object, *arguments: object) -> str:
    with pytest.raises(FedkdError) as error:
        call(*arguments)
    assert error.value.code is code
    return error.value.what


def test_a_site_is_let_in_by_its_answer_only(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    site = imported_site(coordinator, tmp_path / "site", "aachen")
    assert coordinator.find_site("aachen").state == "invited"
    assert "aachen" not in (coordinator.nginx / "passwords").read_text()
    assert admit(coordinator, site.answer).state == "admitted"
    assert (coordinator.nginx / "passwords").read_text().startswith("aachen:$2b$")


@pytest.mark.parametrize("name", ["aachen", "AACHEN"])
def test_a_name_is_taken_once(coordinator: CoordinatorFiles, tmp_path: Path, name: str) -> None:
    enroll_plainly(coordinator, "aachen", tmp_path / "a.zip")
    assert "enrolled already" in refused(ExitCode.SITE_UNKNOWN, enroll_plainly, coordinator, name, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize("name", ["", "../up", "a b", "a;b", "ä", "-a", "x" * 33, "a\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NewSite(site=name, networks=("127.0.0.1",))


@pytest.mark.parametrize("networks", [(), ("here",), ("192.0.2.0/33",), ("0.0.0.0/0; return 200",)])
def test_what_is_no_network_is_refused(networks: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        NewSite(site="aachen", networks=networks)


@pytest.mark.parametrize("host", ["a b", "a;b", "-a", "a..b", "127.1", "$host", "a" * 64, "[::1]", "a\n", ""])
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(ValidationError):
        Address(host=host, port=1)


@pytest.mark.parametrize("host", ["localhost", "Coordinator.Example.ORG", "192.0.2.7", "::1"])
def test_addresses_are_names_and_numbers(host: str) -> None:
    assert str(Address(host=host, port=8443)) == (f"[{host}]:8443" if ":" in host else f"{host.lower()}:8443")


def test_another_sites_key_signs_no_answer(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    aachen = imported_site(coordinator, tmp_path / "a", "aachen")
    berlin = imported_site(coordinator, tmp_path / "b", "berlin")
    content = read_answer(aachen.answer).content
    keys = {"berlin's": load_key((berlin.files.nginx / "site.key").read_bytes()), "anybody's": new_key()}
    for key in keys.values():
        write_document(tmp_path / "forged.json", new_answer(content, key))
        assert "not signed with the key" in refused(ExitCode.KIT_INVALID, admit, coordinator, tmp_path / "forged.json")
    assert coordinator.find_site("aachen").state == "invited"


@pytest.mark.parametrize("change", [{"password_hash": "$2b$06$" + "a" * 53}, {"site": "berlin"}])
def test_a_changed_answer_is_refused(coordinator: CoordinatorFiles, tmp_path: Path, change: dict[str, str]) -> None:
    site = imported_site(coordinator, tmp_path / "a", "aachen")
    imported_site(coordinator, tmp_path / "b", "berlin")
    answer = json.loads(site.answer.read_text())
    answer["content"] |= change
    site.answer.write_text(json.dumps(answer))
    assert "not signed with the key" in refused(ExitCode.KIT_INVALID, admit, coordinator, site.answer)


@pytest.mark.parametrize("password_hash", ["plain", "{PLAIN}x", "$2b$06$" + "a" * 53 + "\nroot:x", "$1$a$b"])
def test_nothing_but_a_hash_gets_into_the_file_of_passwords(
    coordinator: CoordinatorFiles, tmp_path: Path, password_hash: str
) -> None:
    site = imported_site(coordinator, tmp_path / "a", "aachen")
    answer = json.loads(site.answer.read_text())
    answer["content"]["password_hash"] = password_hash
    site.answer.write_text(json.dumps(answer))
    assert "not understood" in refused(ExitCode.KIT_INVALID, admit, coordinator, site.answer)


def test_an_older_answer_does_not_bring_an_older_password_back(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    site = imported_site(coordinator, tmp_path / "a", "aachen")
    older = tmp_path / "older.json"
    older.write_bytes(site.answer.read_bytes())
    admit(coordinator, set_password(site.files, "another-Passw0rd-of-some-length"))
    assert "newer one" in refused(ExitCode.KIT_INVALID, admit, coordinator, older)


def test_an_answer_to_an_earlier_kit_is_refused(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    earlier = admitted_site(coordinator, tmp_path / "a", "aachen")
    revoke(coordinator, "aachen")
    assert "revoked" in refused(ExitCode.SITE_UNKNOWN, admit, coordinator, earlier.answer)
    imported_site(coordinator, tmp_path / "b", "aachen")
    assert "not signed with the key" in refused(ExitCode.KIT_INVALID, admit, coordinator, earlier.answer)


@pytest.mark.parametrize("name", ["nobody", "../aachen", ""])
def test_nobody_else_can_be_revoked(coordinator: CoordinatorFiles, tmp_path: Path, name: str) -> None:
    admitted_site(coordinator, tmp_path / "a", "aachen")
    refused(ExitCode.SITE_UNKNOWN, revoke, coordinator, name)
    assert coordinator.find_site("aachen").state == "admitted"


def test_revoking_twice_is_told(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    admitted_site(coordinator, tmp_path / "a", "aachen")
    revoke(coordinator, "aachen")
    assert "was revoked" in refused(ExitCode.SITE_UNKNOWN, revoke, coordinator, "aachen")


def test_setting_up_again_keeps_sites_and_revocations(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    admitted_site(coordinator, tmp_path / "a", "aachen")
    admitted_site(coordinator, tmp_path / "b", "berlin")
    revoke(coordinator, "berlin")
    authority = coordinator.authority_certificate.read_bytes()
    set_up_coordinator(coordinator, coordinator.read_settings(), agreement(), b"new certificate")
    assert coordinator.authority_certificate.read_bytes() == authority
    assert len(coordinator.read_revocations().certificates) == 1
    assert [site.state for site in coordinator.read_sites()] == ["admitted", "revoked"]


def test_one_folder_is_one_study(coordinator: CoordinatorFiles) -> None:
    settings = coordinator.read_settings()
    what = refused(ExitCode.GATEWAY_FAILED, set_up_coordinator, coordinator, settings, agreement("other"), b"x")
    assert "another study" in what


def test_a_key_that_others_can_read_signs_nothing(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    coordinator.authority_key.chmod(0o644)
    what = refused(ExitCode.GATEWAY_FAILED, enroll_plainly, coordinator, "aachen", tmp_path / "a.zip")
    assert "read by other users" in what


@pytest.mark.parametrize("secret", ["password", "nginx/site.key"])
def test_a_sites_secret_that_others_can_read_is_not_used(
    coordinator: CoordinatorFiles, tmp_path: Path, secret: str
) -> None:
    site = imported_site(coordinator, tmp_path / "site", "aachen")
    (site.files.root / secret).chmod(0o640)
    assert "read by other users" in refused(ExitCode.GATEWAY_FAILED, write_site_config, site.files)


def test_answers_of_the_future_do_not_lock_a_site_out_for_good(coordinator: CoordinatorFiles, tmp_path: Path) -> None:
    """A site whose clock was a day ahead corrects it: its next answer seems older. Enrolling anew is the way out."""
    site = imported_site(coordinator, tmp_path / "a", "aachen")
    content = read_answer(site.answer).content
    ahead = content.model_copy(update={"answered_utc": content.answered_utc + timedelta(days=1)})
    key = load_key((site.files.nginx / "site.key").read_bytes())
    write_document(tmp_path / "ahead.json", new_answer(ahead, key))
    admit(coordinator, tmp_path / "ahead.json")
    refused(ExitCode.KIT_INVALID, admit, coordinator, set_password(site.files, PASSWORD))
    revoke(coordinator, "aachen")
    assert admitted_site(coordinator, tmp_path / "again", "aachen")
