"""Tries the way from a site to the coordinator, layer by layer, and names the one that fails.

It sends what nginx sends: the certificate and the password, and these to the true coordinator only.
"""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator

import grpc
from pydantic import ValidationError

from fedkd_federation.gateway import check_words as words
from fedkd_federation.gateway.check_words import CheckReport, CheckStep, Layer, LayerError
from fedkd_federation.gateway.documents import Agreement, Approved
from fedkd_federation.gateway.nginx_template import SERVICE
from fedkd_federation.gateway.site_files import SiteFiles
from fedkd_federation.gateway.site_line import WAIT_S, Attempt, connected, encrypted, fetched


def check_connection(files: SiteFiles, here: Approved | None) -> CheckReport:
    """Return which layers hold, up to the first that does not.

    Args:
        here: what is approved and installed at this site; None: nothing was approved yet.

    Raises:
        FedkdError: INPUT_NOT_FOUND without a kit, INPUT_UNREADABLE when the site's files are damaged.
    """
    attempt = Attempt.of(files)
    steps: list[CheckStep] = []
    try:
        for step in _layers(attempt, here):
            steps.append(step)
    except LayerError as failed:
        steps.append(failed.step)
    return CheckReport(steps=tuple(steps))


def _layers(attempt: Attempt, here: Approved | None) -> Iterator[CheckStep]:
    with contextlib.closing(connected(attempt)) as plain:
        yield _holds(Layer.ADDRESS, f"{attempt.address} answers.")
        with contextlib.closing(encrypted(attempt, plain)) as line:
            yield _holds(Layer.TLS, f"The connection is encrypted ({line.version()}).")
            yield _holds(Layer.THEIR_CERTIFICATE, "It is the coordinator of this study.")
            there = _agreement(fetched(attempt, line, "/fedkd/check"))
    yield _holds(Layer.OUR_CERTIFICATE, "The coordinator accepts this site's certificate.")
    yield _holds(Layer.ADMISSION, "The coordinator has admitted this site.")
    yield _holds(Layer.ALLOW_LIST, "The coordinator lets this site in from its address.")
    yield _holds(Layer.PASSWORD, "The coordinator knows this site's password.")
    _require_agreement(here, there)
    yield _holds(Layer.VERSION, f"Both have the same code, version {there.code_version}.")
    yield _holds(Layer.APPROVAL, "The coordinator's study and plan are the ones that were approved here.")
    _require_program(attempt)
    yield _holds(Layer.PROGRAM, "The coordinator's program answers.")


def _holds(layer: Layer, what: str) -> CheckStep:
    return CheckStep(layer=layer, ok=True, what=what)


def _agreement(text: bytes) -> Agreement:
    try:
        return Agreement.model_validate_json(text)
    except ValidationError as error:
        raise words.unexpected(http.client.OK) from error


def _require_agreement(here: Approved | None, there: Agreement) -> None:
    if here is None:
        raise words.nothing_approved()
    if here.code_version != there.code_version:
        raise words.other_version(here.code_version, there.code_version)
    if here.code_sha256 != there.code_sha256:
        raise words.other_code(there.code_version)
    if here.study_sha256 != there.study_sha256:
        raise words.other_agreement("study file")
    if here.plan_sha256 != there.plan_sha256:
        raise words.other_agreement("plan")


def _require_program(attempt: Attempt) -> None:
    """Ask Fed-BioMed's researcher for something that it does not know: only a running one says so."""
    folder = attempt.files.nginx
    credentials = grpc.ssl_channel_credentials(
        (folder / "ca.pem").read_bytes(), (folder / "site.key").read_bytes(), (folder / "site.pem").read_bytes()
    )
    with grpc.secure_channel(attempt.address, credentials) as channel:
        ask = channel.unary_unary(f"/{SERVICE}/FedkdCheck")
        try:
            ask(b"", timeout=WAIT_S, metadata=(("authorization", attempt.authorization),))
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise words.no_program(str(error.code().name).lower().replace("_", " ")) from error
