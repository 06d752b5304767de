"""The page and the PDF in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from builders.report_case import VALUES, ReportCase, write_measurements, write_prediction, write_views
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.report import write_report
from fedkd.report.pdf import find_browser

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium, Chrome or Edge here (Tools/install_debian_packages.sh installs one)"
)


@pytest.fixture(scope="module")
def case_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with every plot, hostile and long names, and its report."""
    folder = tmp_path_factory.mktemp("report") / "a case #1 %20"
    values = VALUES | {"septum_risk_band": "b" * 600}
    case = ReportCase(
        case_id="<script>console.error('run')</script>" + "x" * 100, model_id="m" * 200, values=values, reason="r" * 300
    )
    write_prediction(folder, case)
    write_measurements(folder, case)
    write_views(folder, "annulus.png", "septum.png")
    assert write_report(folder) == ("report.html", "report.pdf")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def events() -> list[str]:
    """What the page asked for and complained about."""
    return []


@pytest.fixture
def page(browser: Browser, case_folder: Path, events: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("console", lambda message: events.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: events.append(f"error: {error}"))
    page.on("request", lambda request: events.append(f"request: {request.url}"))
    page.goto((case_folder / "report.html").as_uri())
    yield page
    page.close()


def test_page_asks_for_nothing_and_complains_about_nothing(page: Page, case_folder: Path, events: list[str]) -> None:
    page.wait_for_load_state("networkidle")
    outside = [event for event in events if not event.startswith("request: data:")]
    assert outside == [f"request: {(case_folder / 'report.html').as_uri()}"]


def test_every_picture_is_drawn(page: Page) -> None:
    images = page.locator("img")
    assert images.count() == 2
    assert images.evaluate_all("all => all.map(one => one.naturalWidth)") == [200, 200]
    heights = page.locator("svg.plot").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert len(heights) == 4, "area, calcium, C-arm, reliability"
    assert min(heights) > 100


@pytest.mark.parametrize("width", [1280, 800, 380])
def test_nothing_leaves_the_page_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_notice_is_visible_on_screen_and_stands_on_every_printed_page(page: Page) -> None:
    notice = page.get_by_text(NOT_FOR_CLINICAL_USE, exact=True)
    assert notice.is_visible()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert notice.bounding_box()["y"] >= 0, "it stays in view"
    page.emulate_media(media="print")
    assert notice.is_visible()
    # Browsers repeat header groups of tables on every page.
    assert page.locator(".running").evaluate("one => getComputedStyle(one).display") == "table-header-group"


def test_pdf_is_whole(case_folder: Path) -> None:
    content = (case_folder / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert {path.name for path in case_folder.iterdir() if path.name.startswith(".")} == set(), "nothing is left behind"
