"""One page for the reader: what was measured on a case, drawn and explained, as report.html and, if possible, a PDF."""

from __future__ import annotations

from fedkd.report.write import page_without_views, write_page, write_report

__all__ = ["page_without_views", "write_page", "write_report"]
