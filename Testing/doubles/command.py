"""The real command with the worker of ``worker.py``."""

from __future__ import annotations

import sys
from pathlib import Path

from fedkd.cli import app

if __name__ == "__main__":
    app(obj=(sys.executable, str(Path(__file__).with_name("worker.py"))))
