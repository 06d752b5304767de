"""The harness's own tests use its fixtures as the panel's tests do."""

from __future__ import annotations

from harness.fixtures import slicer_app

__all__ = ["slicer_app"]
