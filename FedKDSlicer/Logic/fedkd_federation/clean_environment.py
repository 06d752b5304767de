"""What Fed-BioMed reads from the environment: nothing that we did not put there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_PREFIXES = ("FBM_", "FEDBIOMED_")


def clean_environment(temporary: Path) -> None:
    """Forget Fed-BioMed's variables, which override the files of a component, and keep temporary files in one place.

    To be called before Fed-BioMed is imported.

    Args:
        temporary: an existing folder that is emptied at each start; a killed round leaves its files there.
    """
    for name in [name for name in os.environ if name.startswith(_PREFIXES)]:
        del os.environ[name]
    os.environ["TMPDIR"] = str(temporary)
    tempfile.tempdir = str(temporary)
