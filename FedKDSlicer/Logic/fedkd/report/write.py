"""Write report.html and, with a browser at hand, report.pdf into a case folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fedkd.atomic import write_atomically, write_text_atomically
from fedkd.case.layout import REPORT_FILE, REPORT_PDF_FILE
from fedkd.report.content import read_content
from fedkd.report.page import Page, page_of, rendered
from fedkd.report.pdf import NoPdf, print_pdf
from fedkd.report.pictures import read_pictures


def write_report(case_folder: Path) -> tuple[str, ...]:
    """Write the report of a case from what its folder holds, and return the names of the files made.

    Measurements, shapes, provenance and views may be missing; the page then says so. Without a browser, or when it
    fails, there is no PDF, an older one goes away, and the page says why.

    Args:
        case_folder: holds landmarks.mrk.json or measurements.json, or both.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE or POINTS_INVALID for the case's files; OUTPUT_NOT_WRITABLE or
            DISK_FULL.
    """
    return write_page(case_folder, page_without_views(case_folder))


def page_without_views(case_folder: Path) -> Page:
    """Return all that the report says, drawn, but for the views, which may still be in the making.

    Raises:
        FedkdError: INPUT_NOT_FOUND, INPUT_UNREADABLE or POINTS_INVALID for the case's files.
    """
    return page_of(read_content(case_folder))


def write_page(case_folder: Path, page: Page) -> tuple[str, ...]:
    """Write a page with the folder's views as the report, and return the names of the files made.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    html, pdf = case_folder / REPORT_FILE, case_folder / REPORT_PDF_FILE
    page = replace(page, pictures=read_pictures(case_folder))
    write_text_atomically(html, rendered(page))
    try:
        write_atomically(pdf, lambda temporary: print_pdf(html, temporary))
    except NoPdf as reason:
        pdf.unlink(missing_ok=True)
        write_text_atomically(html, rendered(page.with_note(f"There is no PDF of this page: {reason}.")))
        return (REPORT_FILE,)
    return (REPORT_FILE, REPORT_PDF_FILE)
