"""``python -m fedkd_federation site|coordinator``: a process that is told what to do on its standard input."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fedkd_federation.channel import Channel
from fedkd_federation.clean_environment import clean_environment


def main(kind: str) -> None:
    """Load the libraries, say that we are ready, and do what we are told."""
    channel = Channel()
    with tempfile.TemporaryDirectory(prefix="fedkd-federation-") as temporary:
        clean_environment(Path(temporary))
        # Fed-BioMed reads the environment when it is imported.
        if kind == "site":
            from fedkd_federation.site import main as run
        else:
            from fedkd_federation.coordinator import main as run
        run(channel)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("site", "coordinator"):
        raise SystemExit("Give one word: site or coordinator.")
    main(sys.argv[1])
