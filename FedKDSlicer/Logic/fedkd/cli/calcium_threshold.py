"""The option ``--calcium-threshold``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedkd.errors import ExitCode, FedkdError

if TYPE_CHECKING:
    from fedkd.measurement.calcium_threshold import CalciumThreshold

# As `fedkd.measurement.calcium_threshold` has it; spelled here, so that help comes without importing that.
DEFAULT_THRESHOLD = "lumen+100"


def parse_threshold(text: str) -> CalciumThreshold:
    """Return the threshold that a user wrote.

    Raises:
        FedkdError: USAGE when it is none.
    """
    from fedkd.measurement.calcium_threshold import CalciumThreshold

    try:
        return CalciumThreshold(text)
    except ValueError as error:
        raise FedkdError(
            ExitCode.USAGE, f"{error}.", where="--calcium-threshold", what_to_do="Use lumen+100, 850 or 450."
        ) from error
