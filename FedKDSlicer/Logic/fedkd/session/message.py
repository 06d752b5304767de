"""What every line of ``fedkd session`` is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class EngineMessage(BaseModel):
    """A line, or a part of one: nothing unknown in it, no number that is none."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


class EngineRequest(EngineMessage):
    """A question; its answer repeats the ``id``."""

    id: int
