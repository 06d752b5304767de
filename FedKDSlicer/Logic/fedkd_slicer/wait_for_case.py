"""Load Slicer's core ahead of time, wait for a case, and make its scene: ``python -m fedkd_slicer.wait_for_case``.

The case comes from standard input, as one line of JSON: ``case_folder``, ``ct`` and ``temporary_files``, a folder. The
rest is as with `fedkd_slicer.build_scene` and ``--progress json``. It ends when standard input ends without a case.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

from fedkd.case.scratch import TEMPORARY_FILES_VARIABLES
from fedkd.errors import ExitCode, FedkdError
from fedkd_slicer import build_scene


def main() -> int:
    """Wait and work; return the exit code."""
    window_class = _load_core()
    line = sys.stdin.buffer.readline()
    if not line:
        return ExitCode.OK
    order = json.loads(line)
    os.environ.update(dict.fromkeys(TEMPORARY_FILES_VARIABLES, order["temporary_files"]))
    return build_scene.main([order["case_folder"], "--ct", order["ct"], "--progress", "json"], window_class)


def _load_core() -> str | None:
    """Load what takes time, and return the window class that draws here; None: what is missing will be said later."""
    with contextlib.suppress(FedkdError):
        from fedkd_slicer import core_without_application, offscreen_views, render_views, review_layout  # noqa: F401
        from fedkd_slicer.opengl_probe import drawing_window_class

        return drawing_window_class()
    return None


if __name__ == "__main__":
    sys.exit(main())
