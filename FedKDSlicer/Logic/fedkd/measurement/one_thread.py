"""Let linear algebra run in the calling thread.

Measuring solves thousands of tiny systems. Shared among threads each takes longer, and on a busy computer, where the
threads wait for each other, a hundred times as long: 20 s of processor time instead of 0.8 s.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache

import scipy.linalg  # noqa: F401 - loads the libraries that are to be found
from threadpoolctl import ThreadpoolController


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep NumPy's and SciPy's linear algebra from starting threads inside the ``with`` block."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries: once is enough
