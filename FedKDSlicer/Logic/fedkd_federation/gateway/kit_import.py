"""The site's side of its way in: look at the kit, import it, set the password, hand the answer over."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.answer import AnswerContent, new_answer, now
from fedkd_federation.gateway.certificates import Subject, Validity
from fedkd_federation.gateway.coordinator_files import write_document
from fedkd_federation.gateway.documents import MOST_BYTES
from fedkd_federation.gateway.kit import Kit, read_kit, refused_kit
from fedkd_federation.gateway.names import typed_fingerprint
from fedkd_federation.gateway.nginx_process import reload_running
from fedkd_federation.gateway.one_time_code import typed_code
from fedkd_federation.gateway.private_files import read_file, write_private
from fedkd_federation.gateway.site_files import LOCAL_HOST, SiteFiles, SiteSettings, write_site_config
from fedkd_federation.gateway.site_password import password_hash, require_good_password

_LOCAL_DAYS = 5 * 365


@dataclass(frozen=True)
class Consent:
    """What a person at the site confirms and sets.

    Args:
        fingerprint: the kit's, as the coordinator said it by telephone.
        code: the one that opens the kit, as the coordinator said it.
        password: the site's own; the coordinator gets its hash only.
    """

    fingerprint: str
    code: str = field(repr=False)
    password: str = field(repr=False)


def import_kit(files: SiteFiles, kit_path: Path, consent: Consent, port: int) -> Path:
    """Take a kit over; return the answer, a file to hand over to the coordinator. Starts and sends nothing.

    A later kit replaces an earlier one, and a gateway that runs has to be started anew.

    Args:
        port: on this computer, for the node.

    Raises:
        FedkdError: KIT_INVALID with the reason; USAGE for a password that will not do; OUTPUT_NOT_WRITABLE or
            DISK_FULL.
    """
    kit = read_kit(kit_path)
    if not hmac.compare_digest(typed_fingerprint(consent.fingerprint).encode(), kit.sha256.encode()):
        raise refused_kit(kit_path, "its fingerprint is not the one that was confirmed")
    key = _opened(kit, kit_path, consent.code)
    require_good_password(consent.password, kit.manifest.site)
    settings = SiteSettings(port=port)
    files.make_folders()
    _write_kit_files(files, kit, key)
    write_document(files.settings, settings)
    return set_password(files, consent.password)


def set_password(files: SiteFiles, password: str) -> Path:
    """Set the site's password, or a new one; return the answer to hand over. Until it is admitted the site is shut out.

    Raises:
        FedkdError: USAGE for a password that will not do; INPUT_NOT_FOUND without a kit; OUTPUT_NOT_WRITABLE or
            DISK_FULL.
    """
    manifest = files.read_manifest()
    require_good_password(password, manifest.site)
    content = AnswerContent(
        study=manifest.agreement.study,
        site=manifest.site,
        kit_sha256=sha256(read_file(files.manifest, MOST_BYTES)).hexdigest(),
        password_hash=password_hash(password),
        answered_utc=now(),
    )
    key = certificates.load_key(read_file(files.nginx / "site.key", MOST_BYTES))
    answer = files.answer(manifest.site)
    write_document(answer, new_answer(content, key))
    write_private(files.password, password.encode())
    write_site_config(files)
    reload_running(files.nginx)
    return answer


def _opened(kit: Kit, where: Path, code: str) -> certificates.Key:
    """Return the site's key, after everything in the kit was found to belong together."""
    try:
        key = certificates.load_key(kit.files["site.key"], typed_code(code))
    except ValueError as error:
        raise refused_kit(where, "the code does not open it") from error
    try:
        _require_consistent(kit, key)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise refused_kit(where, str(error)) from error
    return key


def _require_consistent(kit: Kit, key: certificates.Key) -> None:
    authority = x509.load_pem_x509_certificate(kit.files["ca.pem"])
    certificate = x509.load_pem_x509_certificate(kit.files["site.pem"])
    certificates.verify_issued(authority, authority)
    certificates.verify_issued(certificate, authority)
    if certificates.common_name(certificate) != kit.manifest.site:
        raise ValueError("its certificate is another site's")
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if list(uses) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
        raise ValueError("its certificate is not that of a site")
    if certificates.key_sha256(key.public_key()) != certificates.key_sha256(certificates.public_key_of(certificate)):
        raise ValueError("its key and its certificate do not belong together")
    if certificates.validity_of(certificate).end < datetime.now(UTC):
        raise ValueError("its certificate has expired")


def _write_kit_files(files: SiteFiles, kit: Kit, key: certificates.Key) -> None:
    write_private(files.nginx / "ca.pem", kit.files["ca.pem"])
    write_private(files.nginx / "site.pem", kit.files["site.pem"])
    write_private(files.nginx / "site.key", certificates.key_pem(key))
    write_private(files.nginx / "local.pem", _local_identity(kit.manifest.researcher_id))
    _replace_documents(files.documents, kit.files)
    write_private(files.manifest, kit.manifest_text)


def _replace_documents(folder: Path, content: Mapping[str, bytes]) -> None:
    for name in ("study.yaml", "plan.py"):
        (folder / name).unlink(missing_ok=True)
        if name in content:
            write_private(folder / name, content[name])


def _local_identity(researcher_id: str) -> bytes:
    """Return certificate and key with which nginx meets the node on this computer.

    Fed-BioMed's node takes the researcher's number from the certificate of the server that it dials.
    """
    key = certificates.new_key()
    subject = Subject("localhost", researcher_id, ("localhost", LOCAL_HOST))
    certificate = certificates.self_signed(subject, key, Validity.of_days(_LOCAL_DAYS))
    return certificates.pem_of(certificate) + certificates.key_pem(key)
