"""Certificates on elliptic curves (NIST P-256, ECDSA with SHA-256) by RFC 5280: made, read, and their fingerprints."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fedkd_federation.gateway.names import is_ip_address

Key: TypeAlias = ec.EllipticCurvePrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey

# Clocks of two computers differ: a certificate made now must be valid for one that is slow.
_SLOW_CLOCK = timedelta(hours=1)
_USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
_ONLY_SIGNATURES = {
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "encipher_only": False,
    "decipher_only": False,
}


@dataclass(frozen=True)
class Validity:
    """From when to when a certificate holds, UTC."""

    begin: datetime
    end: datetime

    @classmethod
    def of_days(cls, days: float) -> Validity:
        """Return the validity of a certificate made now."""
        now = datetime.now(UTC).replace(microsecond=0)
        return cls(now - _SLOW_CLOCK, now + timedelta(days=days))


@dataclass(frozen=True)
class Subject:
    """Whose certificate it is.

    Args:
        common_name: name of a site, a coordinator or a study.
        organization: None: none is given.
        hosts: names and addresses under which a server is reached.
    """

    common_name: str
    organization: str | None = None
    hosts: tuple[str, ...] = ()

    @property
    def name(self) -> x509.Name:
        """The subject as a certificate holds it."""
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, self.common_name)]
        if self.organization is not None:
            parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization))
        return x509.Name(parts)


@dataclass(frozen=True)
class Issuer:
    """Who signs."""

    certificate: x509.Certificate
    key: Key


def new_key() -> Key:
    """Return a new private key."""
    return ec.generate_private_key(ec.SECP256R1())


def self_signed(subject: Subject, key: Key, validity: Validity) -> x509.Certificate:
    """Return a server's certificate that nobody vouches for: who trusts it must have it."""
    builder = _builder(subject, key.public_key(), validity).issuer_name(subject.name)
    return _with_leaf_extensions(builder, subject, ("server",)).sign(key, hashes.SHA256())


def authority_certificate(subject: Subject, key: Key, validity: Validity) -> x509.Certificate:
    """Return the certificate of an authority that signs certificates, but no further authority's."""
    usage = x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, **_ONLY_SIGNATURES)
    return (
        _builder(subject, key.public_key(), validity)
        .issuer_name(subject.name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def signed(issuer: Issuer, subject: Subject, public_key: PublicKey, use: str, validity: Validity) -> x509.Certificate:
    """Return a certificate for ``use``: ``server`` or ``client``; it serves for nothing else."""
    builder = _builder(subject, public_key, validity).issuer_name(issuer.certificate.subject)
    builder = _with_leaf_extensions(builder, subject, (use,)).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
    )
    return builder.sign(issuer.key, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate as text."""
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: Key, code: str | None = None) -> bytes:
    """Return a private key as text, encrypted where a ``code`` is given (PKCS#8)."""
    encryption = NoEncryption() if code is None else BestAvailableEncryption(code.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_key(pem: bytes, code: str | None = None) -> Key:
    """Return a private key.

    Raises:
        ValueError: it is none on our curve, or the code is wrong.
    """
    try:
        key = load_pem_private_key(pem, None if code is None else code.encode())
    except TypeError as error:  # encrypted without a code, or the other way round
        raise ValueError(str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("it is no key on the curve P-256")
    return key


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """Return a certificate's key.

    Raises:
        ValueError: it is none on our curve.
    """
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("its key is not on the curve P-256")
    return key


def key_sha256(key: PublicKey) -> str:
    """Return the SHA-256 of a public key, which tells whether two certificates are of one key."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def certificate_sha256(certificate: x509.Certificate) -> str:
    """Return a certificate's fingerprint, as ``openssl x509 -fingerprint -sha256`` shows it."""
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def common_name(certificate: x509.Certificate) -> str:
    """Return whose certificate it is, empty when it does not say."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def validity_of(certificate: x509.Certificate) -> Validity:
    """Return from when to when a certificate holds."""
    # `not_valid_before_utc` came after the version of `cryptography` that Fed-BioMed asks for.
    return Validity(
        certificate.not_valid_before.replace(tzinfo=UTC),
        certificate.not_valid_after.replace(tzinfo=UTC),
    )


def verify_issued(certificate: x509.Certificate, authority: x509.Certificate) -> None:
    """Check that an authority has signed a certificate.

    Raises:
        ValueError: it has not.
    """
    if certificate.issuer != authority.subject:
        raise ValueError("another authority has signed it")
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        raise ValueError("it is signed in an unknown way")
    try:
        public_key_of(authority).verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(algorithm))
    except InvalidSignature as error:
        raise ValueError("its signature is not the authority's") from error


def revocation_list(issuer: Issuer, serials: Iterable[tuple[int, datetime]], days: float) -> bytes:
    """Return a list of revoked certificates (serial number, when) that holds for some days, as text."""
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - _SLOW_CLOCK)
        .next_update(now + timedelta(days=days))
        .add_extension(x509.CRLNumber(time.time_ns()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    for number, when in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _builder(subject: Subject, public_key: PublicKey, validity: Validity) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject.name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.begin)
        .not_valid_after(validity.end)
    )


def _with_leaf_extensions(
    builder: x509.CertificateBuilder, subject: Subject, uses: Sequence[str]
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **_ONLY_SIGNATURES)
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_USES[use] for use in uses]), critical=False)
    )
    if subject.hosts:
        names = [
            x509.IPAddress(ipaddress.ip_address(host)) if is_ip_address(host) else x509.DNSName(host)
            for host in subject.hosts
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder
