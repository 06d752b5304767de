"""Kits are taken for what strangers may have made: what is not exactly a kit is refused, and why is said."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.gateways import DOCUMENTS, PASSWORD, admitted_site, agreement, coordinator_files, free_port
from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import open_authority
from fedkd_federation.gateway.documents import KitManifest
from fedkd_federation.gateway.enrollment import Invitation, NewSite, enroll
from fedkd_federation.gateway.kit import MANIFEST, read_kit, record_of
from fedkd_federation.gateway.kit_import import Consent, import_kit
from fedkd_federation.gateway.names import shown_fingerprint
from fedkd_federation.gateway.site_files import SiteFiles


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[CoordinatorFiles, Invitation]:
    folder = tmp_path_factory.mktemp("made")
    coordinator = coordinator_files(folder / "coordinator", 50051, b"no certificate")
    new = NewSite(site="aachen", networks=("192.0.2.7/32",))
    return coordinator, enroll(coordinator, new, folder / "aachen.kit.zip")


@pytest.fixture(scope="module")
def content(made: tuple[CoordinatorFiles, Invitation]) -> dict[str, bytes]:
    with zipfile.ZipFile(made[1].kit) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, one in content.items():
            archive.writestr(name, one)
    return path


def remade(content: dict[str, bytes], **changed: bytes) -> dict[str, bytes]:
    """A kit whose manifest names its changed files, as somebody would make it who knows how."""
    files = {name: one for name, one in content.items() if name != MANIFEST} | changed
    manifest = KitManifest.model_validate_json(content[MANIFEST])
    new = manifest.model_copy(update={"files": {name: record_of(one) for name, one in files.items()}})
    return {MANIFEST: new.model_dump_json().encode(), **files}


def why_refused(path: Path) -> str:
    with pytest.raises(FedkdError) as refused:
        read_kit(path)
    assert refused.value.code is ExitCode.KIT_INVALID
    return refused.value.what


def importing(kit: Path, folder: Path, invitation: Invitation, **changed: str) -> Path:
    said = {"fingerprint": invitation.fingerprint, "code": invitation.code, "password": PASSWORD} | changed
    return import_kit(SiteFiles(folder), kit, Consent(**said), free_port())


def test_a_kit_says_what_it_is_and_its_fingerprint_can_be_checked_by_hand(
    made: tuple[CoordinatorFiles, Invitation], content: dict[str, bytes]
) -> None:
    coordinator, invitation = made
    kit = read_kit(invitation.kit)
    assert kit.sha256 == invitation.fingerprint == sha256(content[MANIFEST]).hexdigest()
    assert kit.manifest.site == "aachen"
    assert kit.manifest.agreement == agreement()
    assert kit.manifest.coordinator == coordinator.read_settings().coordinator
    assert {name: kit.files[name] for name in DOCUMENTS} == DOCUMENTS


def test_a_kit_alone_opens_nothing(made: tuple[CoordinatorFiles, Invitation], content: dict[str, bytes]) -> None:
    assert b"ENCRYPTED PRIVATE KEY" in content["site.key"]
    with pytest.raises(ValueError, match=r".+"):
        certificates.load_key(content["site.key"])
    assert stat.S_IMODE(made[1].kit.stat().st_mode) == 0o600
    everything = b"".join(path.read_bytes() for path in made[0].root.rglob("*") if path.is_file())
    assert made[1].code.encode() not in everything, "the code is kept nowhere"
    assert made[1].code.replace("-", "").encode() not in everything


def test_a_folder_with_the_same_files_is_the_same_kit(tmp_path: Path, content: dict[str, bytes]) -> None:
    for name, one in content.items():
        (tmp_path / name).write_bytes(one)
    assert read_kit(tmp_path).sha256 == sha256(content[MANIFEST]).hexdigest()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda kit: kit | {"extra.txt": b"x"}, "does not belong there"),
        (lambda kit: kit | {"../../evil": b"x"}, "does not belong there"),
        (lambda kit: kit | {"/etc/passwd": b"x"}, "does not belong there"),
        (lambda kit: kit | {"\x1b[2J": b"x"}, "does not belong there"),
        (lambda kit: kit | {"ca.pem": b"other"}, "not the file that its manifest names"),
        (lambda kit: kit | {"plan.py": b""}, "not the file that its manifest names"),
        (lambda kit: kit | {"study.yaml": bytes(2_000_000)}, "too large"),
        (lambda kit: kit | {"manifest.json": b"[" * 100_000}, "manifest is not understood"),
        (lambda kit: kit | {"manifest.json": b"{}"}, "manifest is not understood"),
        (lambda kit: {name: one for name, one in kit.items() if name != "ca.pem"}, "not the ones"),
        (lambda kit: {name: one for name, one in kit.items() if name != "manifest.json"}, "lacks manifest.json"),
        (lambda kit: {}, "lacks manifest.json"),
    ],
)
def test_what_is_no_kit_is_refused(
    tmp_path: Path, content: dict[str, bytes], change: Callable[[dict[str, bytes]], dict[str, bytes]], why: str
) -> None:
    assert why in why_refused(zipped(tmp_path / "kit.zip", change(content)))


@pytest.mark.parametrize("lacking", ["ca.pem", "site.pem", "site.key"])
def test_a_manifest_that_names_too_little_is_refused(tmp_path: Path, content: dict[str, bytes], lacking: str) -> None:
    less = {name: one for name, one in content.items() if name != lacking}
    assert f"lacks {lacking}" in why_refused(zipped(tmp_path / "kit.zip", remade(less)))


def test_a_manifest_with_more_than_is_known_is_refused(tmp_path: Path, content: dict[str, bytes]) -> None:
    for change in ({"then": "rm"}, {"site": "../up"}, {"coordinator": {"host": "a b; c", "port": 1}}):
        text = json.dumps(json.loads(content[MANIFEST]) | change).encode()
        assert "manifest is not understood" in why_refused(zipped(tmp_path / "kit.zip", content | {MANIFEST: text}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path, content: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "kit.zip", content)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ca.pem", "other")
    assert "two files of one name" in why_refused(path)


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path, content: dict[str, bytes]) -> None:
    path = tmp_path / "kit.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, one in content.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFLNK if name == "plan.py" else stat.S_IFREG) << 16
            archive.writestr(entry, one)
    assert "plan.py is a link" in why_refused(path)


def test_a_link_in_a_folder_is_refused(tmp_path: Path, content: dict[str, bytes]) -> None:
    for name, one in content.items():
        (tmp_path / name).write_bytes(one)
    (tmp_path / "plan.py").unlink()
    (tmp_path / "plan.py").symlink_to("/etc/hostname")
    assert "plan.py is a link" in why_refused(tmp_path)


def test_a_zip_file_that_unpacks_without_end_is_not_unpacked(tmp_path: Path, content: dict[str, bytes]) -> None:
    path = tmp_path / "kit.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("study.yaml", bytes(500_000_000))
        archive.writestr(MANIFEST, content[MANIFEST])
    assert "study.yaml is too large" in why_refused(path)


def test_large_files_damaged_ones_and_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "large.zip").write_bytes(bytes(5_000_000))
    (tmp_path / "other.zip").write_bytes(b"no zip file")
    assert "too large" in why_refused(tmp_path / "large.zip")
    assert "refused" in why_refused(tmp_path / "other.zip")
    with pytest.raises(FedkdError) as refused:
        read_kit(tmp_path / "none.zip")
    assert refused.value.code is ExitCode.INPUT_NOT_FOUND


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), change=st.integers(min_value=1, max_value=255))
def test_no_changed_byte_goes_unnoticed(
    tmp_path: Path, made: tuple[CoordinatorFiles, Invitation], place: int, change: int
) -> None:
    """It is refused, or the fingerprint differs, or it changed nothing of the content (a date in the zip file)."""
    packed = bytearray(made[1].kit.read_bytes())
    packed[place % len(packed)] ^= change
    path = tmp_path / "changed.zip"
    path.write_bytes(packed)
    try:
        kit = read_kit(path)
    except FedkdError as error:
        assert error.code is ExitCode.KIT_INVALID
        return
    true = read_kit(made[1].kit)
    assert kit.sha256 != true.sha256 or kit.files == true.files


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"fingerprint": "0" * 64}, "fingerprint is not the one"),
        ({"fingerprint": ""}, "fingerprint is not the one"),
        ({"fingerprint": "ä"}, "fingerprint is not the one"),
        ({"code": "00000-00000-00000-00000"}, "code does not open it"),
        ({"code": ""}, "code does not open it"),
        ({"password": "short"}, "20 to 64 are needed"),
        ({"password": "a" * 30}, "fewer than 8 different"),
        ({"password": "Aachen-has-a-password-too"}, "contains the site's name"),
        ({"password": "not\nprintable-0123456789"}, "plain keyboard"),
    ],
)
def test_nothing_is_imported_without_the_right_words(
    tmp_path: Path, made: tuple[CoordinatorFiles, Invitation], said: dict[str, str], why: str
) -> None:
    with pytest.raises(FedkdError, match=why) as refused:
        importing(made[1].kit, tmp_path / "site", made[1], **said)
    assert not (tmp_path / "site").exists()
    if said.get("password"):
        assert said["password"] not in str(refused.value)


def test_what_is_read_out_may_be_typed_in_any_way(tmp_path: Path, made: tuple[CoordinatorFiles, Invitation]) -> None:
    typed = made[1].code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    importing(made[1].kit, tmp_path / "s", made[1], fingerprint=shown_fingerprint(made[1].fingerprint), code=typed)
    importing(made[1].kit, tmp_path / "t", made[1], fingerprint=f" {made[1].fingerprint.upper()}\n")


def test_secrets_are_for_their_owner_only(tmp_path: Path, made: tuple[CoordinatorFiles, Invitation]) -> None:
    importing(made[1].kit, tmp_path / "site", made[1])
    for root in (tmp_path / "site", made[0].root):
        for path in [root, *root.rglob("*")]:
            if path.suffix != ".lock":
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_password_is_nowhere_but_where_nginx_needs_it(
    tmp_path: Path, made: tuple[CoordinatorFiles, Invitation]
) -> None:
    answer = importing(made[1].kit, tmp_path / "site", made[1])
    holding = {path.name for path in (tmp_path / "site").rglob("*") if path.is_file() and PASSWORD in path.read_text()}
    assert holding == {"password"}
    assert PASSWORD not in answer.read_text()
    assert not any(PASSWORD in path.read_text() for path in made[0].root.rglob("*") if path.is_file())


def signed_kit(
    made: tuple[CoordinatorFiles, Invitation], content: dict[str, bytes], name: str, use: str, validity: Validity
) -> dict[str, bytes]:
    key = certificates.load_key(content["site.key"], made[1].code.replace("-", ""))
    own = certificates.signed(open_authority(made[0]), Subject(name), key.public_key(), use, validity)
    return remade(content, **{"site.pem": certificates.pem_of(own)})


def test_parts_that_do_not_belong_together_are_refused(
    tmp_path: Path, made: tuple[CoordinatorFiles, Invitation], content: dict[str, bytes]
) -> None:
    other = admitted_site(made[0], tmp_path / "other", "berlin")
    elsewhere = coordinator_files(tmp_path / "elsewhere", 50051, b"no certificate")
    past = Validity(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC))
    wrong = {
        "signature is not the authority": remade(content, **{"ca.pem": elsewhere.authority_certificate.read_bytes()}),
        "another site's": remade(content, **{"site.pem": (other.files.nginx / "site.pem").read_bytes()}),
        "not that of a site": signed_kit(made, content, "aachen", "server", Validity.of_days(9)),
        "has expired": signed_kit(made, content, "aachen", "client", past),
    }
    for why, kit in wrong.items():
        path = zipped(tmp_path / "wrong.zip", kit)
        with pytest.raises(FedkdError, match=why) as refused:
            importing(path, tmp_path / "site", made[1], fingerprint=read_kit(path).sha256)
        assert refused.value.code is ExitCode.KIT_INVALID
    assert not (tmp_path / "site").exists()


def test_certificates_are_what_a_security_officer_expects(
    made: tuple[CoordinatorFiles, Invitation], content: dict[str, bytes]
) -> None:
    site = x509.load_pem_x509_certificate(content["site.pem"])
    server = x509.load_pem_x509_certificate((made[0].nginx / "server.pem").read_bytes())
    authority = x509.load_pem_x509_certificate(content["ca.pem"])
    for one in (site, server):
        certificates.verify_issued(one, authority)
        assert not one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        validity = certificates.validity_of(one)
        assert 89 <= (validity.end - validity.begin).days <= 90
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
