"""Does what a request asks, all but serving."""

from __future__ import annotations

from collections import deque

from fedkd_federation.gateway.answers import (
    Answer,
    CheckAnswer,
    DoneAnswer,
    EnrolledAnswer,
    ImportedAnswer,
    KitAnswer,
    PassedAnswer,
    SiteAnswer,
    SiteLine,
    SitesAnswer,
)
from fedkd_federation.gateway.connection_check import check_connection
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import set_up_coordinator
from fedkd_federation.gateway.documents import MOST_BYTES
from fedkd_federation.gateway.enrollment import admit, enroll, revoke
from fedkd_federation.gateway.kit import read_kit
from fedkd_federation.gateway.kit_import import Consent, import_kit, set_password
from fedkd_federation.gateway.names import shown_fingerprint
from fedkd_federation.gateway.passed_log import read_passed, totals
from fedkd_federation.gateway.private_files import read_file
from fedkd_federation.gateway.requests import (
    AdmitRequest,
    AnyRequest,
    CheckRequest,
    EnrollRequest,
    ImportKitRequest,
    PassedRequest,
    RevokeRequest,
    SetPasswordRequest,
    SetUpRequest,
    ShowKitRequest,
    SitesRequest,
)
from fedkd_federation.gateway.site_files import SiteFiles
from fedkd_federation.gateway.site_password import new_password

_NEWEST = 200


def act(request: AnyRequest) -> Answer:  # noqa: C901 - one branch for each request
    """Do what is asked and return the answer.

    Raises:
        FedkdError: it could not be done.
    """
    match request:
        case SetUpRequest():
            return _set_up(request)
        case EnrollRequest():
            return _enroll(request)
        case AdmitRequest():
            return SiteAnswer(id=request.id, site=SiteLine.of(admit(CoordinatorFiles(request.folder), request.answer)))
        case RevokeRequest():
            return SiteAnswer(id=request.id, site=SiteLine.of(revoke(CoordinatorFiles(request.folder), request.site)))
        case SitesRequest():
            records = CoordinatorFiles(request.folder).read_sites()
            return SitesAnswer(id=request.id, sites=tuple(SiteLine.of(one) for one in records))
        case ShowKitRequest():
            return _show_kit(request)
        case ImportKitRequest():
            return _import_kit(request)
        case SetPasswordRequest():
            password = request.password.get_secret_value() if request.password else new_password()
            return ImportedAnswer(id=request.id, answer=set_password(SiteFiles(request.folder), password))
        case CheckRequest():
            report = check_connection(SiteFiles(request.folder), request.here)
            return CheckAnswer(id=request.id, ok=report.ok, steps=report.steps)
        case PassedRequest():
            return _passed(request)
        case _:
            raise AssertionError(f"{request.do} is no action")


def _set_up(request: SetUpRequest) -> Answer:
    files = CoordinatorFiles(request.folder)
    researcher = read_file(request.researcher_certificate, MOST_BYTES)
    set_up_coordinator(files, request.settings, request.agreement, researcher)
    with files.changing():
        write_coordinator_config(files)
    return DoneAnswer(id=request.id)


def _enroll(request: EnrollRequest) -> Answer:
    made = enroll(CoordinatorFiles(request.folder), request.new_site, request.kit)
    return EnrolledAnswer(
        id=request.id,
        site=made.site,
        kit=made.kit,
        fingerprint=made.fingerprint,
        shown_fingerprint=shown_fingerprint(made.fingerprint),
        code=made.code,
    )


def _show_kit(request: ShowKitRequest) -> Answer:
    kit = read_kit(request.kit)
    return KitAnswer(
        id=request.id,
        manifest=kit.manifest,
        fingerprint=kit.sha256,
        shown_fingerprint=shown_fingerprint(kit.sha256),
    )


def _import_kit(request: ImportKitRequest) -> Answer:
    password = request.password.get_secret_value() if request.password else new_password()
    consent = Consent(request.fingerprint, request.code.get_secret_value(), password)
    answer = import_kit(SiteFiles(request.folder), request.kit, consent, request.port)
    return ImportedAnswer(id=request.id, answer=answer)


def _passed(request: PassedRequest) -> Answer:
    nginx = request.folder / "nginx"
    newest = deque(read_passed(nginx), maxlen=_NEWEST)
    return PassedAnswer(id=request.id, totals=totals(read_passed(nginx)), newest=tuple(newest))
