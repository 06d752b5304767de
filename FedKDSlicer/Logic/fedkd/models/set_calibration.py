"""Put a calibration into a package."""

from __future__ import annotations

import json
from pathlib import Path

from fedkd.atomic import write_text_atomically
from fedkd.confidence import Calibration
from fedkd.errors import ExitCode, FedkdError
from fedkd.models.card import ModelCard
from fedkd.models.package import load_package
from fedkd.models.package_files import CARD_NAME


def set_calibration(package: Path, calibration: Calibration, weights_sha256: tuple[str, ...]) -> ModelCard:
    """Write ``calibration`` into the description of a package, in place of the one that is there.

    The package gets another hash by it: cases made before and after are cases of different models.

    Args:
        package: its folder.
        calibration: to write.
        weights_sha256: of the networks that it was fitted to.

    Raises:
        FedkdError: MODEL_NOT_FOUND; MODEL_INVALID; USAGE when the package is one file, or has other weights;
            OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    model = load_package(package)
    if not package.is_dir():
        raise FedkdError(
            ExitCode.USAGE,
            "A calibration can be written into a package that is a folder only.",
            where=package,
            what_to_do="Unzip the package, and name its folder.",
        )
    if model.card.weights_sha256 != weights_sha256:
        raise FedkdError(
            ExitCode.USAGE,
            "The evaluations are of other networks than those of this package.",
            where=package,
            what_to_do="Evaluate this package: fedkd evaluate CASES --model PACKAGE --json FILE",
        )
    card = model.card.model_copy(update={"calibration": calibration})
    text = json.dumps(card.model_dump(mode="json"), indent=2) + "\n"
    write_text_atomically(package / CARD_NAME, text)
    return card
