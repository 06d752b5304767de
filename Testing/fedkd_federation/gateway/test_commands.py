"""The coordinator's and the operator's way as they type it, from a study file to a connection that holds."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner, Result

from builders.federation_sites import study, train_stage, training_names, write_site
from builders.gateways import PASSWORD, free_port
from fedkd.cli import app
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.gateway_process import running_gateway

RUNNER = CliRunner()


def typed(*words: object, say: str = "") -> str:
    ended = RUNNER.invoke(app, ["federation", *map(str, words)], input=say)
    assert ended.exit_code == 0, (words, ended.output, ended.exception)
    assert PASSWORD not in ended.output
    return ended.output


def refused(*words: object, say: str = "") -> Result:
    ended = RUNNER.invoke(app, ["federation", *map(str, words)], input=say)
    assert ended.exit_code != 0
    return ended


def failed_layer(folder: Path) -> str:
    error = refused("site", "check", folder).exception
    assert isinstance(error, FedkdError)
    assert error.code is ExitCode.CONNECTION_FAILED
    return error.where


def test_from_a_study_file_to_an_open_way_and_out_again(tmp_path: Path) -> None:
    file, output, folder, kit = tmp_path / "s.yaml", tmp_path / "out", tmp_path / "site", tmp_path / "kit.zip"
    file.write_text(study([train_stage()], ("aachen",)).canonical)
    address, port = f"localhost:{free_port()}", free_port()
    listen = f"127.0.0.1:{address.rpartition(':')[2]}"
    typed("prepare", file, "--output", output, "--address", address, "--listen", listen, "--port", free_port())
    told = typed("enroll", "aachen", "--output", output, "--network", "127.0.0.1", "--kit", kit)
    code = re.search(r"code +([0-9A-Z-]{23})", told).group(1)
    fingerprint = re.search(r"fingerprint +([0-9a-f ]+)", told).group(1)

    importing = ("site", "import-kit", kit, "--folder", folder, "--port", port)
    refused(*importing, say="n\n")
    assert not (folder / "gateway").exists(), "nothing is kept of a kit that was not confirmed"
    shown = typed(*importing, "--own-password", say=f"y\n{code}\n{PASSWORD}\n{PASSWORD}\n")
    assert fingerprint in shown
    assert code not in shown
    assert failed_layer(folder) == "address"

    write_site(tmp_path / "cases", 7, {training_names(1)[0]: ("hps",)})
    typed("site", "add", tmp_path / "cases", "--folder", folder, "--site", "aachen", "--port", port)
    with running_gateway(output, "coordinator") as gateway:
        assert gateway == listen
        assert failed_layer(folder) == "admission"
        typed("admit", folder / "gateway" / "aachen.answer.json", "--output", output)
        assert failed_layer(folder) == "approval"
        typed("site", "approve", folder, "--study", folder / "gateway" / "documents" / "study.yaml", say="y\n")
        assert failed_layer(folder) == "program", "everything holds but that no study runs"
        assert "admitted" in typed("sites", "--output", output)
        typed("revoke", "aachen", "--output", output)
        assert failed_layer(folder) == "our certificate"
        assert "revoked" in typed("sites", "--output", output)
    assert failed_layer(folder) == "address", "the gateway has ended with its block"
    assert "messages" in typed("site", "passed", folder)


def test_without_a_kit_the_check_says_so(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    error = refused("site", "check", tmp_path / "site").exception
    assert isinstance(error, FedkdError)
    assert error.code is ExitCode.INPUT_NOT_FOUND
