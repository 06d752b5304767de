from __future__ import annotations

from pathlib import Path

import pytest

from fedkd.errors import ExitCode, FedkdError
from fedkd.models import load_model
from fedkd.models.identity import hash_of_model


def test_a_package_has_the_hash_it_is_loaded_with() -> None:
    assert hash_of_model() == load_model().sha256


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FedkdError) as caught:
        hash_of_model(tmp_path / "none")
    assert caught.value.code is ExitCode.MODEL_NOT_FOUND
