"""The line from a site to its coordinator: opened as nginx opens it, and told apart where it fails.

It goes to the coordinator itself, past the nginx on this computer, so that each layer's own answer is seen.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field

from fedkd_federation.gateway import check_words as words
from fedkd_federation.gateway.documents import MOST_BYTES
from fedkd_federation.gateway.site_files import SiteFiles

WAIT_S = 10.0


@dataclass(frozen=True)
class Attempt:
    """Where to, as whom, and with what."""

    host: str
    port: int
    address: str
    files: SiteFiles
    authorization: str = field(repr=False)

    @classmethod
    def of(cls, files: SiteFiles) -> Attempt:
        """Return what a site's folder says.

        Raises:
            FedkdError: INPUT_NOT_FOUND without a kit; INPUT_UNREADABLE; GATEWAY_FAILED when others can read the
                password.
        """
        manifest = files.read_manifest()
        coordinator = manifest.coordinator
        credentials = b64encode(f"{manifest.site}:{files.read_password()}".encode()).decode()
        return cls(coordinator.host, coordinator.port, str(coordinator), files, f"Basic {credentials}")


def connected(attempt: Attempt) -> socket.socket:
    """Return a connection that nothing was said on.

    Raises:
        LayerError: nobody answers.
    """
    try:
        return socket.create_connection((attempt.host, attempt.port), timeout=WAIT_S)
    except socket.gaierror as error:
        raise words.name_unknown(attempt.host) from error
    except TimeoutError as error:
        raise words.nobody_listens(attempt.address, f"no answer within {WAIT_S:.0f} s") from error
    except OSError as error:
        raise words.nobody_listens(attempt.address, (error.strerror or str(error)).lower()) from error


def encrypted(attempt: Attempt, plain: socket.socket) -> ssl.SSLSocket:
    """Return an encrypted connection to the true coordinator. Takes ``plain`` over.

    Raises:
        LayerError: it is not the true one, or encryption does not come about.
    """
    folder = attempt.files.nginx
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(folder / "ca.pem")  # this study's authority, and no other
    context.load_cert_chain(folder / "site.pem", folder / "site.key")
    try:
        return context.wrap_socket(plain, server_hostname=attempt.host)
    except ssl.SSLCertVerificationError as error:
        raise words.false_coordinator(attempt.address, error.verify_message.rstrip(".")) from error
    except TimeoutError as error:
        raise words.no_tls(attempt.address, f"no answer within {WAIT_S:.0f} s") from error
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror or "the connection was closed"
        raise words.no_tls(attempt.address, str(reason).lower().replace("_", " ")) from error


def fetched(attempt: Attempt, line: ssl.SSLSocket, path: str) -> bytes:
    """Return what the coordinator's gateway has at a path.

    Raises:
        LayerError: it does not let this site in.
    """
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {attempt.address}\r\nConnection: close\r\n"
        f"Authorization: {attempt.authorization}\r\n\r\n"
    )
    try:
        line.sendall(request.encode("ascii"))
        response = http.client.HTTPResponse(line)
        response.begin()
        body = response.read(MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise words.no_tls(attempt.address, f"it broke off: {type(error).__name__}") from error
    _require_let_in(response)
    return body


def _require_let_in(response: http.client.HTTPResponse) -> None:
    if response.status == http.client.OK:
        return
    verified = response.getheader("X-FedKD-Certificate") or ""
    if verified.startswith("FAILED:") or verified == "NONE":
        raise words.our_certificate(verified.removeprefix("FAILED:"))
    if response.status == http.client.UNAUTHORIZED:
        raise words.wrong_password()
    refused = {
        "certificate": words.our_certificate("it is not on the list of sites"),
        "invited": words.not_admitted(),
        "address": words.address_not_allowed(),
        "user": words.wrong_password(),
    }
    raise refused.get(response.getheader("X-FedKD-Refused") or "", words.unexpected(response.status))
