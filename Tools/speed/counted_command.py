"""``fedkd predict`` whose worker notes when the networks run: as a command, and (``worker``) as that worker.

``python counted_command.py predict CT ...``; the notes go to the file that the environment variable names, a line each.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

NOTES_VARIABLE = "FEDKD_SPEED_NOTES"
_WORKER = "worker"


def _work() -> None:
    """Be the worker that users have, whose models come with runners that note when they run: nothing else differs."""
    from fedkd import backends
    from fedkd.backends import ready_model
    from fedkd.backends.choice import Target
    from fedkd.models import LoadedModel
    from speed.counted import Notes, Spell, counted

    class Written(Notes):
        def add(self, spell: Spell) -> None:
            with Path(os.environ[NOTES_VARIABLE]).open("a", encoding="ascii") as stream:
                stream.write(json.dumps(asdict(spell)) + "\n")

    make_ready = ready_model.make_ready

    def make_counted(model: LoadedModel, target: Target | None = None) -> backends.ReadyModel:
        return counted(make_ready(model, target), Written())

    # Before the worker is imported, so that it finds this one wherever it looks for it.
    backends.make_ready = ready_model.make_ready = make_counted

    from fedkd.cohort import worker

    worker.main()


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    if sys.argv[1:] == [_WORKER]:
        _work()
    else:
        from fedkd.cli import app

        app(obj=(sys.executable, str(Path(__file__).resolve()), _WORKER))
