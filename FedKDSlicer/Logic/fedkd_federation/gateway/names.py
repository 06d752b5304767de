"""Addresses and hashes as they are written into files that nginx reads, checked before they get there."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from fedkd.federation.names import Frozen

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_DNS_NAME = 253
_FINGERPRINT_GROUP = 8


def _host(text: str) -> str:
    if is_ip_address(text):
        return str(ipaddress.ip_address(text))
    # A name of digits only, such as 127.1, is read as an address by some programs and as a name by others.
    if len(text) > _LONGEST_DNS_NAME or not _DNS_NAME.fullmatch(text) or text.rpartition(".")[2].isdigit():
        raise ValueError("it is neither an IP address nor the name of a computer")
    return text.lower()


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Network = Annotated[str, AfterValidator(_network)]
# Fed-BioMed makes it: RESEARCHER_ and a UUID.
ResearcherId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Serial = Annotated[str, Field(pattern=r"^(?:[0-9A-F]{2}){1,20}$")]


class Address(Frozen):
    """Where something listens."""

    host: Host
    port: Port

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_ip_address(host: str) -> bool:
    """Return whether a host is given by its number."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def serial_text(number: int) -> str:
    """Return a certificate's serial number as nginx writes it: hexadecimal, two digits a byte, in capitals."""
    digits = f"{number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def shown_fingerprint(sha256: str) -> str:
    """Return a SHA-256 in groups that two people can compare on the telephone."""
    return " ".join(sha256[start : start + _FINGERPRINT_GROUP] for start in range(0, len(sha256), _FINGERPRINT_GROUP))


def typed_fingerprint(text: str) -> str:
    """Return what somebody typed or pasted as a SHA-256 without spaces, colons and capitals. It may still be none."""
    return re.sub(r"[\s:-]", "", text).lower()
