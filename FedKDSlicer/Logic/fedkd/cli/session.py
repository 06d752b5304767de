"""``fedkd session``: the engine at the side of a panel."""

from __future__ import annotations

import sys


def session() -> None:
    """Answer the panel's requests: one JSON object a line in, one out. Not for people.

    It ends with its input. The schema is session.schema.json.
    """
    from fedkd.session.serve import claim_stdout, serve

    with claim_stdout() as answers:
        serve(sys.stdin, answers)
