"""One federation for many tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from builders.federation_course import Course, played


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return what happened to a federation."""
    with played(tmp_path_factory.mktemp("federation")) as happened:
        yield happened


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Compute as the processes of the federation do: sums of many threads differ in their last digits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
