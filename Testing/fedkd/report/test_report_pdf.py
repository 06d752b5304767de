"""A PDF is a bonus: no trouble with a browser costs the report."""

from __future__ import annotations

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from builders.report_case import ReportCase, write_prediction
from fedkd.report import write_report
from fedkd.report.pdf import NoPdf, find_browser, print_pdf


def fake_browser(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a program called chromium in front of PATH."""
    program = folder / "chromium"
    program.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_without_a_browser_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    write_prediction(tmp_path, ReportCase())
    (tmp_path / "report.pdf").write_bytes(b"an older one")
    assert write_report(tmp_path) == ("report.html",)
    assert not (tmp_path / "report.pdf").exists()
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "There is no PDF of this page: no Chromium, Chrome or Edge was found on this computer." in html


@pytest.mark.skipif(os.name == "nt", reason="programs are found by extension there")
@pytest.mark.parametrize(
    ("code", "reason"), [("raise SystemExit(3)", "ended with status 3"), ("", "the browser made none")]
)
def test_failing_browser_costs_only_the_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    fake_browser(tmp_path, monkeypatch, code)
    case = tmp_path / "case"
    write_prediction(case, ReportCase())
    assert write_report(case) == ("report.html",)
    assert reason in (case / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="programs are found by extension there")
def test_hanging_browser_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_browser(tmp_path, monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(NoPdf, match="took longer than"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf", timeout_s=0.5)


@pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge here")
def test_temporary_folder_may_be_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Cases are made in folders with long names; paths of sockets hold about 100 characters.
    deep = tmp_path / ("x" * 150)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    page = deep / "page.html"
    page.write_text("<p>Hello</p>", encoding="utf-8")
    print_pdf(page, deep / "page.pdf")
    assert (deep / "page.pdf").read_bytes().startswith(b"%PDF-")
    assert {path.name for path in deep.iterdir()} == {"page.html", "page.pdf"}


@pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge here")
def test_printing_reaches_no_server(tmp_path: Path) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        addresses = (f"http://{host}:{server.server_port}/x.png" for host in ("127.0.0.1", "localhost"))
        page = tmp_path / "page.html"
        page.write_text("".join(f'<img src="{address}">' for address in addresses), encoding="utf-8")
        print_pdf(page, tmp_path / "page.pdf")
        server.shutdown()
    assert asked == []


@pytest.mark.skipif(os.name == "nt", reason="programs are found by extension there")
def test_profile_lies_with_the_case_and_nothing_in_the_users_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = """
import os, sys
target = next(word.partition("=")[2] for word in sys.argv if word.startswith("--print-to-pdf="))
profile = next(word.partition("=")[2] for word in sys.argv if word.startswith("--user-data-dir="))
places = [profile, os.environ["XDG_CONFIG_HOME"], os.environ["XDG_CACHE_HOME"]]
open(target, "w").write("\\n".join(places + [str("--incognito" in sys.argv)]))
"""
    fake_browser(tmp_path, monkeypatch, tell)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    *places, incognito = (tmp_path / "page.pdf").read_text().splitlines()
    assert incognito == "True"
    assert {Path(place).parent for place in places} == {scratch}
    assert not list(scratch.iterdir())
