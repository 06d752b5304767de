"""Sets a coordinator's gateway up: the study's authority, the server's certificate, what is agreed on."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from fedkd.errors import ExitCode, FedkdError
from fedkd_federation.gateway import certificates
from fedkd_federation.gateway.certificates import Issuer, Subject, Validity
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles, write_document
from fedkd_federation.gateway.documents import Agreement, GatewaySettings, Revocations
from fedkd_federation.gateway.private_files import read_file, require_private, write_private

AUTHORITY_DAYS = 5 * 365
SERVER_DAYS = 90
REVOCATIONS_DAYS = 30
_MOST_BYTES = 100_000


def set_up_coordinator(
    files: CoordinatorFiles, settings: GatewaySettings, agreement: Agreement, researcher_pem: bytes
) -> None:
    """Make the gateway's folder, or bring one to new settings; its authority, sites and revocations stay.

    Args:
        researcher_pem: the certificate that Fed-BioMed's researcher shows on this computer.

    Raises:
        FedkdError: GATEWAY_FAILED when the folder is another study's; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    files.make_folders()
    with files.changing():
        if files.agreement.exists() and files.read_agreement().study != agreement.study:
            raise _of_another_study(files.root)
        write_document(files.settings, settings)
        write_document(files.agreement, agreement)
        if not files.authority_key.exists():
            _new_authority(files, agreement.study)
        if not files.revocations.exists() and not any(files.sites.iterdir()):
            write_document(files.revocations, Revocations())
        write_private(files.nginx / "researcher.pem", researcher_pem)
        renew_server(files)
        renew_revocations(files)


def open_authority(files: CoordinatorFiles) -> Issuer:
    """Return who signs.

    Raises:
        FedkdError: INPUT_UNREADABLE; GATEWAY_FAILED when others can read the key.
    """
    require_private(files.authority_key)
    try:
        certificate = x509.load_pem_x509_certificate(read_file(files.authority_certificate, _MOST_BYTES))
        return Issuer(certificate, certificates.load_key(read_file(files.authority_key, _MOST_BYTES)))
    except ValueError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            "The authority of the study is damaged.",
            where=files.authority_key.parent,
            what_to_do="Bring back a copy of this folder, or set the gateway up anew and enroll all sites again.",
        ) from error


def renew_server(files: CoordinatorFiles, days: float = SERVER_DAYS) -> None:
    """Give the server a new key and certificate.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    host = files.read_settings().coordinator.host
    key = certificates.new_key()
    subject = Subject("coordinator", files.read_agreement().study, (host,))
    certificate = certificates.signed(
        open_authority(files), subject, key.public_key(), "server", Validity.of_days(days)
    )
    # One file, so that no crash leaves a key beside a certificate that is not its own.
    write_private(files.nginx / "server.pem", certificates.pem_of(certificate) + certificates.key_pem(key))


def renew_revocations(files: CoordinatorFiles) -> None:
    """Sign the list of revoked certificates anew: nginx lets nobody in once it is out of date.

    Raises:
        FedkdError: INPUT_UNREADABLE, OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    signed = certificates.revocation_list(open_authority(files), files.read_revocations().entries(), REVOCATIONS_DAYS)
    write_private(files.nginx / "crl.pem", signed)


def _new_authority(files: CoordinatorFiles, study: str) -> None:
    key = certificates.new_key()
    certificate = certificates.authority_certificate(
        Subject(f"FedKDSlicer {study}"), key, Validity.of_days(AUTHORITY_DAYS)
    )
    write_private(files.authority_certificate, certificates.pem_of(certificate))
    write_private(files.authority_key, certificates.key_pem(key))


def _of_another_study(root: Path) -> FedkdError:
    return FedkdError(
        ExitCode.GATEWAY_FAILED,
        "This is the gateway of another study.",
        where=root,
        what_to_do="Choose another folder: each study has an authority of its own.",
    )
