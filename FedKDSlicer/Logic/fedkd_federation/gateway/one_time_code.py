"""The code that opens a kit: told by telephone, so that whoever intercepts the kit alone has nothing."""

from __future__ import annotations

import secrets

# Crockford's base 32: no letter in it can be taken for a digit when it is read out.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP_LENGTH = 4, 5
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def new_code() -> str:
    """Return a code of 100 random bits, such as ``4F7QK-...``."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP_LENGTH)]
    return "-".join("".join(letters[start : start + _GROUP_LENGTH]) for start in range(0, len(letters), _GROUP_LENGTH))


def typed_code(text: str) -> str:
    """Return a code as somebody typed it in the one form that opens the kit."""
    return text.upper().translate(_MISREAD)
