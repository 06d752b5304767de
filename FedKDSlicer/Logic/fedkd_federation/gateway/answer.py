"""A site's answer to its kit: the hash of the password that it has set, signed with the key from the kit.

The hash takes this way because the others are worse: a password that the coordinator makes travels with the kit and is
known to two; a place on the coordinator's server where a new site may leave its hash can be written to by whoever has
the kit. A file is handed over by people who know each other, and its signature tells that who opened the kit made it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, Field, ValidationError

from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.names import Frozen, Sha256, SiteId, StudyId
from fedkd_federation.gateway.documents import PasswordHash
from fedkd_federation.gateway.private_files import read_file

_MOST_BYTES = 10_000
# So that a signature made for an answer means nothing anywhere else.
_PURPOSE = b"fedkd site answer 1\n"


class AnswerContent(Frozen):
    """What is signed."""

    study: StudyId
    site: SiteId
    kit_sha256: Sha256
    password_hash: PasswordHash
    answered_utc: AwareDatetime


class Answer(Frozen):
    """``SITE.answer.json``."""

    format: Literal[1] = 1
    content: AnswerContent
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=]{1,200}$")]


def new_answer(content: AnswerContent, key: ec.EllipticCurvePrivateKey) -> Answer:
    """Return an answer signed by the site's key (ECDSA with SHA-256)."""
    signature = key.sign(_signed_bytes(content), ec.ECDSA(hashes.SHA256()))
    return Answer(content=content, signature=b64encode(signature).decode())


def now() -> datetime:
    """Return the time that an answer made now bears."""
    return datetime.now(UTC)


def read_answer(path: Path) -> Answer:
    """Return an answer; who made it is not checked yet.

    Raises:
        FedkdError: KIT_INVALID or INPUT_UNREADABLE.
    """
    try:
        return Answer.model_validate_json(read_file(path, _MOST_BYTES))
    except ValidationError as error:
        raise refused_answer(path, "it is not understood") from error


def require_made_by(answer: Answer, key: ec.EllipticCurvePublicKey, where: object) -> None:
    """Check that the holder of a site's key made an answer.

    Raises:
        FedkdError: KIT_INVALID.
    """
    try:
        key.verify(b64decode(answer.signature), _signed_bytes(answer.content), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise refused_answer(where, "it was not signed with the key of this site's kit") from error


def refused_answer(where: object, why: str) -> FedkdError:
    """Return the error for an answer that is not to be used."""
    return FedkdError(
        ExitCode.KIT_INVALID,
        f"This answer of a site is refused: {why}.",
        where=where,
        what_to_do="Ask the site, by telephone, whether it sent this file; when in doubt revoke and enroll it anew.",
    )


def _signed_bytes(content: AnswerContent) -> bytes:
    return _PURPOSE + content.model_dump_json().encode()
