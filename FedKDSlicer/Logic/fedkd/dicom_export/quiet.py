"""Libraries quote values of headers in warnings: names and dates of patients must not reach logs."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

import pydicom.config

_LOGGERS = ("highdicom", "pydicom")


@contextlib.contextmanager
def no_header_values_in_logs() -> Iterator[None]:
    """Hold back what pydicom and highdicom log and warn. Not for several threads at once."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    with pydicom.config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
