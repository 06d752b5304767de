"""``python -m fedkd_federation.prepare_gateway``: makes or renews a coordinator's gateway for a study; opens nothing.

Reads one `PrepareGateway` from standard input and writes one line. It stands outside the package `gateway` because it
needs what only Fed-BioMed knows: the researcher's number and the certificate that it shows on this computer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fedkd.cohort.messages import ErrorBody
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.study_file import StudyFile, read_study
from fedkd_federation.channel import Channel, not_understood
from fedkd_federation.clean_environment import clean_environment
from fedkd_federation.coordinator_start import COMPONENT
from fedkd_federation.gateway.answers import DoneAnswer, ErrorAnswer
from fedkd_federation.gateway.coordinator_config import write_coordinator_config
from fedkd_federation.gateway.coordinator_files import CoordinatorFiles
from fedkd_federation.gateway.coordinator_set_up import set_up_coordinator
from fedkd_federation.gateway.documents import MOST_BYTES, Agreement, GatewaySettings
from fedkd_federation.gateway.names import Address, Port
from fedkd_federation.gateway.private_files import read_file, write_private

_LOOPBACK_NAME = "localhost"
_LONGEST_LINE = 100_000


class PrepareGateway(BaseModel):
    """What to prepare.

    Args:
        id: repeated in the answer.
        study: the study file.
        results: the study's folder, as in `StartCoordinator`; Fed-BioMed's files lie in it.
        gateway: folder of the gateway.
        coordinator: the address that sites dial.
        listen: where nginx listens for them.
        researcher_port: where Fed-BioMed will listen, on this computer only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    study: Path
    results: Path
    gateway: Path
    coordinator: Address
    listen: Address
    researcher_port: Port


def prepare_gateway(command: PrepareGateway) -> CoordinatorFiles:
    """Make Fed-BioMed's files and the gateway where they are absent; bring the gateway to this study and this code.

    Raises:
        FedkdError: STUDY_INVALID; GATEWAY_FAILED when the folder is another study's; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    study = read_study(command.study)
    researcher_id, researcher_pem = _researcher(command)
    settings = GatewaySettings(
        coordinator=command.coordinator,
        listen=command.listen,
        researcher=Address(host="127.0.0.1", port=command.researcher_port),
        researcher_name=_LOOPBACK_NAME,
        researcher_id=researcher_id,
    )
    files = CoordinatorFiles(command.gateway)
    set_up_coordinator(files, settings, agreement_of(study), researcher_pem)
    from fedkd_federation.registration import plan_text

    with files.changing():
        write_private(files.documents / "study.yaml", read_file(command.study, MOST_BYTES))
        write_private(files.documents / "plan.py", plan_text().encode())
        write_coordinator_config(files)
    return files


def agreement_of(study: StudyFile) -> Agreement:
    """Return what a site has to approve to take part: this study, this plan, the code that is installed here."""
    from fedkd_federation.installed_code import installed_code
    from fedkd_federation.registration import plan_sha256, plan_text

    code = installed_code()
    return Agreement(
        study=study.study_id,
        study_sha256=study.sha256,
        plan_sha256=plan_sha256(plan_text()),
        code_version=code.version,
        code_sha256=code.sha256,
    )


def _researcher(command: PrepareGateway) -> tuple[str, bytes]:
    """Return the researcher's number and certificate, made where there are none yet."""
    component = command.results / COMPONENT
    component.parent.mkdir(parents=True, exist_ok=True)
    os.environ["FBM_RESEARCHER_COMPONENT_ROOT"] = str(component)
    os.environ["FBM_SERVER_HOST"] = _LOOPBACK_NAME
    os.environ["FBM_SERVER_PORT"] = str(command.researcher_port)
    from fedbiomed.researcher.config import config

    certificate = component / "etc" / str(config.get("certificate", "public_key"))
    return str(config.get("default", "id")), read_file(certificate, MOST_BYTES)


def main(channel: Channel) -> ExitCode:
    """Read, prepare, answer."""
    with tempfile.TemporaryDirectory(prefix="fedkd-gateway-") as temporary:
        clean_environment(Path(temporary))
        try:
            command = PrepareGateway.model_validate_json(sys.stdin.readline(_LONGEST_LINE))
            prepare_gateway(command)
        except ValidationError as error:
            return _say(channel, not_understood(error))
        except FedkdError as error:
            return _say(channel, error)
        channel.emit(DoneAnswer(id=command.id))
        return ExitCode.OK


def _say(channel: Channel, error: FedkdError) -> ExitCode:
    channel.emit(ErrorAnswer(id=None, error=ErrorBody.of(error)))
    return error.code


if __name__ == "__main__":
    raise SystemExit(main(Channel()))
