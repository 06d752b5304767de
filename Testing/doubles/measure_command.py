"""The real command with a quick scene and report."""

from __future__ import annotations

from makers import quick_makers  # beside this script

from fedkd.cli import app

if __name__ == "__main__":
    app(obj=quick_makers())
