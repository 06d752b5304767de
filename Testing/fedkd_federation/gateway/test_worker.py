"""The gateway as a process: asked line by line, silent about secrets, and gone with who asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from builders.gateways import PASSWORD, Researcher, agreement, feedback, free_port, soon
from fedkd.errors import ExitCode


class Asked:
    """A gateway's process and what it has said."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fedkd_federation.gateway"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        self._number += 1
        answer = self.say(json.dumps({"id": self._number, "do": do, **request}))
        assert answer["id"] == self._number
        return answer

    def say(self, line: str) -> dict[str, Any]:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        self.said += line
        return json.loads(line)

    def end(self) -> int:
        self._process.stdin.close()
        code = self._process.wait(20)
        self.said += self._process.stdout.read() + self._process.stderr.read()
        return code


@pytest.fixture
def asked() -> Iterator[Asked]:
    with Asked() as process:
        yield process


@pytest.fixture
def other() -> Iterator[Asked]:
    with Asked() as process:
        yield process


def set_up(asked: Asked, folder: Path, behind: Researcher) -> int:
    port = free_port()
    (folder / "researcher.pem").write_bytes(behind.pem)
    settings = {
        "coordinator": {"host": "localhost", "port": port},
        "listen": {"host": "127.0.0.1", "port": port},
        "researcher": {"host": "127.0.0.1", "port": behind.port},
        "researcher_name": "localhost",
        "researcher_id": "RESEARCHER_1",
    }
    answer = asked.ask(
        "set_up",
        folder=str(folder / "coordinator"),
        settings=settings,
        agreement=agreement().model_dump(),
        researcher_certificate=str(folder / "researcher.pem"),
    )
    assert answer["what"] == "done"
    return port


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_whole_way_from_a_kit_to_a_message_and_out_again(
    asked: Asked, other: Asked, behind: Researcher, tmp_path: Path
) -> None:
    coordinator, site, kit = str(tmp_path / "coordinator"), str(tmp_path / "site"), str(tmp_path / "kit.zip")
    port = set_up(asked, tmp_path, behind)
    (tmp_path / "coordinator" / "documents" / "study.yaml").write_text("study: phantoms\n")
    new = {"site": "aachen", "networks": ["127.0.0.1"]}
    made = asked.ask("enroll", folder=coordinator, new_site=new, kit=kit)
    assert asked.ask("serve_coordinator", folder=coordinator)["address"] == f"127.0.0.1:{port}"

    shown = other.ask("show_kit", kit=kit)
    assert shown["fingerprint"] == made["fingerprint"]
    assert shown["manifest"]["agreement"] == agreement().model_dump()
    local = free_port()
    said = {"fingerprint": made["shown_fingerprint"], "code": made["code"], "password": PASSWORD, "port": local}
    imported = other.ask("import_kit", folder=site, kit=kit, **said)
    assert (Path(site) / "documents" / "study.yaml").read_text() == "study: phantoms\n"

    here = agreement().model_dump(exclude={"study"})
    assert other.ask("check", folder=site, here=here)["steps"][-1]["layer"] == "admission"
    admitted = asked.ask("admit", folder=coordinator, answer=imported["answer"])["site"]
    assert (admitted["site"], admitted["state"]) == ("aachen", "admitted")
    assert other.ask("check", folder=site, here=here)["ok"]
    assert other.ask("serve_site", folder=site)["address"] == f"127.0.0.1:{local}"

    import grpc

    pem = (Path(site) / "nginx" / "local.pem").read_bytes()
    with grpc.secure_channel(f"localhost:{local}", grpc.ssl_channel_credentials(pem)) as channel:
        assert feedback(channel, b"hello") == b"hello"
        asked.ask("revoke", folder=coordinator, site="aachen")
        with pytest.raises(grpc.RpcError):
            feedback(channel, b"hello")
    assert other.ask("check", folder=site, here=here)["steps"][-1]["layer"] == "our certificate"
    assert [one["state"] for one in asked.ask("sites", folder=coordinator)["sites"]] == ["revoked"]
    passed = other.ask("passed", folder=site)
    assert {one["status"]: one["requests"] for one in passed["totals"]} == {200: 1, 400: 1}

    assert (asked.end(), other.end()) == (0, 0)
    assert not answers(port)
    assert not answers(local)
    for process in (asked, other):
        assert PASSWORD not in process.said
        assert "$2b$" not in process.said
    assert made["code"] not in other.said


def test_a_password_is_made_up_where_none_is_given(asked: Asked, behind: Researcher, tmp_path: Path) -> None:
    set_up(asked, tmp_path, behind)
    new = {"site": "aachen", "networks": ["127.0.0.1"]}
    kit = str(tmp_path / "kit.zip")
    made = asked.ask("enroll", folder=str(tmp_path / "coordinator"), new_site=new, kit=kit)
    said = {"fingerprint": made["fingerprint"], "code": made["code"], "password": None, "port": free_port()}
    asked.ask("import_kit", folder=str(tmp_path / "site"), kit=kit, **said)
    first = (tmp_path / "site" / "password").read_text()
    asked.ask("set_password", folder=str(tmp_path / "site"), password=None)
    second = (tmp_path / "site" / "password").read_text()
    assert len(first) >= 32
    assert first != second
    asked.end()
    assert first not in asked.said
    assert second not in asked.said


def test_mistakes_are_answers_and_repeat_no_secret(asked: Asked, tmp_path: Path) -> None:
    wrong = [
        '{"id": 1, "do": "import_kit", "password": "SECRET", "code": ["SECRET"]}',
        '{"id": 2, "do": "set_password", "folder": 5, "password": "SECRET"}',
        '{"id": 3, "do": "unknown", "code": "SECRET"}',
        "SECRET",
        "[" * 5000,
        '{"id": "SECRET"}',
    ]
    for line in wrong:
        answer = asked.say(line)
        assert (answer["what"], answer["error"]["code"]) == ("error", ExitCode.USAGE)
    answer = asked.ask("set_password", folder=str(tmp_path), password="SECRET")  # noqa: S106
    assert answer["error"]["code"] == ExitCode.INPUT_NOT_FOUND
    assert asked.ask("revoke", folder=str(tmp_path / "none"), site="aachen")["what"] == "error"
    assert asked.end() == 0
    assert "SECRET" not in asked.said


def test_a_gateway_that_ends_by_itself_is_told(asked: Asked, behind: Researcher, tmp_path: Path) -> None:
    set_up(asked, tmp_path, behind)
    asked.ask("serve_coordinator", folder=str(tmp_path / "coordinator"))
    number = (tmp_path / "coordinator" / "nginx" / "nginx.pid").read_text()
    os.kill(int(number), signal.SIGTERM)
    told = asked.hear()
    assert (told["what"], told["id"], told["error"]["code"]) == ("error", None, ExitCode.GATEWAY_FAILED)
    assert asked.end() == ExitCode.GATEWAY_FAILED


def test_one_process_runs_one_gateway(asked: Asked, behind: Researcher, tmp_path: Path) -> None:
    port = set_up(asked, tmp_path, behind)
    asked.ask("serve_coordinator", folder=str(tmp_path / "coordinator"))
    again = asked.ask("serve_coordinator", folder=str(tmp_path / "coordinator"))
    assert again["error"]["code"] == ExitCode.USAGE
    assert answers(port)
    asked.end()
    assert soon(lambda: not answers(port))
