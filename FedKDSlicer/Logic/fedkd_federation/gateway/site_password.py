"""The password of a site: made or checked there, kept there; only its hash ever leaves the site.

bcrypt (Provos and Mazières 1999) is what nginx can check by the system's ``crypt``. nginx does so at every request, so
the hash is a quick one of its kind; the password's length carries the security, hence the rules for those that people
make up.
"""

from __future__ import annotations

import secrets

import bcrypt

from fedkd.errors import ExitCode, FedkdError

FEWEST_CHARACTERS = 20
MOST_CHARACTERS = 64  # bcrypt itself reads no more than 72 bytes
_FEWEST_DIFFERENT = 8
_GENERATED_BYTES = 24
# 2^6 rounds: about 4 ms on one core. A node in training sends a request for every reported step.
_BCRYPT_COST = 6


def new_password() -> str:
    """Return a random password of 192 bits: the better choice, as nobody has to type or remember it."""
    return secrets.token_urlsafe(_GENERATED_BYTES)


def require_good_password(password: str, site: str) -> None:
    """Check a password that somebody made up.

    Raises:
        FedkdError: USAGE; the message does not hold the password.
    """
    problem = _problem(password, site)
    if problem:
        raise FedkdError(
            ExitCode.USAGE,
            f"This password will not do: {problem}.",
            where=f"password of site {site}",
            what_to_do="Let the program make one up, which is safer and need not be typed, or choose another one.",
        )


def password_hash(password: str) -> str:
    """Return what the coordinator keeps."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_BCRYPT_COST, prefix=b"2b")).decode()


def _problem(password: str, site: str) -> str:
    if not FEWEST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        return f"it has {len(password)} characters, and {FEWEST_CHARACTERS} to {MOST_CHARACTERS} are needed"
    if not password.isascii() or not password.isprintable():
        return "only letters, digits, spaces and marks of a plain keyboard can be used"
    if len(set(password)) < _FEWEST_DIFFERENT:
        return f"it has fewer than {_FEWEST_DIFFERENT} different characters"
    if site.lower() in password.lower():
        return "it contains the site's name"
    return ""
