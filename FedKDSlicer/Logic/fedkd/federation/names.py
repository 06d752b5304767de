"""Names that travel between machines and become names of files: of studies, sites and stages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
StudyId = Annotated[str, Field(pattern=_NAME)]
SiteId = Annotated[str, Field(pattern=_NAME)]
StageName = Annotated[str, Field(pattern=_NAME)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Frozen(BaseModel):
    """Unchangeable, and without any field that nobody knows: what comes from another machine is checked whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())
