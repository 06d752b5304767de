"""Names and texts of strangers do nothing in the page but stand there."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from builders.expect import refusal
from builders.report_case import VALUES, ReportCase, write_measurements, write_prediction, write_views
from fedkd.errors import ExitCode
from fedkd.measurement.document import FindingRecord
from fedkd.report import write_report

pytestmark = pytest.mark.usefixtures("no_browser")

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}${7*7}'


class Elements(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory, no_browser: None) -> str:
    tmp_path = tmp_path_factory.mktemp("hostile")
    finding = FindingRecord(
        code=SCRIPT, severity="warning", text=SCRIPT, value=1, unit=SCRIPT, low=0, high=2, source=SCRIPT
    )
    case = ReportCase(
        case_id=SCRIPT,
        model_id=SCRIPT,
        values=VALUES | {"septum_risk_band": SCRIPT},
        reason=SCRIPT,
        findings=(finding,),
        notes=(SCRIPT, "\x1b[31m\u202egnp.exe", "x" * 100_000),
    )
    write_prediction(tmp_path, case)
    write_measurements(tmp_path, case)
    write_views(tmp_path, "<b onclick=alert(3)>.png", "annulus.png")
    write_report(tmp_path)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_of_it_becomes_markup(hostile_page: str) -> None:
    elements = Elements()
    elements.feed(hostile_page)
    assert elements.tags.isdisjoint({"script", "iframe", "object", "embed", "form", "base", "b"})
    assert [name for name, _ in elements.attributes if name.startswith("on")] == []
    assert "alert(1)" in hostile_page, "the text itself is shown"
    assert "{{ 7*7 }}" in hostile_page


def test_nothing_is_loaded_from_elsewhere(hostile_page: str) -> None:
    elements = Elements()
    elements.feed(hostile_page)
    addresses = [value or "" for name, value in elements.attributes if name in ("src", "href", "xlink:href", "action")]
    assert addresses
    assert [address for address in addresses if not address.startswith(("data:", "#"))] == []
    assert re.findall(r"url\((?!#)[^)]*\)|@import", hostile_page) == []


def test_browsers_are_told_to_load_and_run_nothing(hostile_page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', hostile_page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none';")
    assert "script-src" not in policy[1]


def test_control_characters_are_written_out_and_long_texts_cut(hostile_page: str) -> None:
    assert not {"\x1b", "\u202e"} & set(hostile_page)
    assert "\\x1b[31m" in hostile_page
    assert "x" * 1000 not in hostile_page


def test_links_among_the_views_are_not_followed(tmp_path: Path) -> None:
    write_prediction(tmp_path, ReportCase())
    write_views(tmp_path, "annulus.png")
    elsewhere = tmp_path / "private.png"
    (tmp_path / "views" / "annulus.png").rename(elsewhere)
    (tmp_path / "views" / "link.png").symlink_to(elsewhere)
    write_report(tmp_path)
    assert "<img" not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["measurements.json", "shapes.json", "provenance.json"])
def test_pipes_are_not_waited_for(tmp_path: Path, name: str) -> None:
    write_prediction(tmp_path, ReportCase())
    write_measurements(tmp_path, ReportCase())
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with refusal(ExitCode.INPUT_UNREADABLE, where=tmp_path / name):
        write_report(tmp_path)
