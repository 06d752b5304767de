"""Libraries quote values of headers in warnings and errors: names and dates of patients must not reach logs."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

import pydicom.config

from fedkd.errors import ExitCode, FedkdError

_LOGGERS = ("highdicom", "pydicom")


@contextlib.contextmanager
def no_header_values_told() -> Iterator[None]:
    """Hold back what pydicom and highdicom log and warn, and what their errors say. Not for several threads at once.

    Raises:
        FedkdError: INTERNAL, without the text, for an error of theirs.
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    with pydicom.config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            yield
        except FedkdError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may quote a header
            raise FedkdError(
                ExitCode.INTERNAL,
                f"The DICOM library did not accept the series ({type(error).__name__}).",
                where="results as DICOM",
                what_to_do="Please report it, without the series. All other results are not concerned.",
            ) from None
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
