"""Where a site keeps its cases and what it makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fedkd.federation.site_data import SiteSurvey, survey_site
from fedkd.training.prepared import PreparedCases


@dataclass
class SiteMemory:
    """What is kept from round to round as long as the process lives: reading CTs anew would take the time of training.

    ``prepared``: the cases of the last stage that trained.
    """

    survey: SiteSurvey | None = None
    prepared: PreparedCases | None = None


@dataclass(frozen=True)
class SitePlace:
    """One site.

    Args:
        site: its id.
        cases: its folder of cases, which is only read.
        work: a folder of its own for pseudo labels and for tensors that never leave.
        device: cpu or cuda.
        workers: processes that make patches; 0: the training makes them itself.
        cache_bytes: for prepared cases.
        memory: of this process.
    """

    site: str
    cases: Path
    work: Path
    device: str = "cpu"
    workers: int = 0
    cache_bytes: int = 4_000_000_000
    memory: SiteMemory = field(default_factory=SiteMemory, compare=False)

    def survey(self) -> SiteSurvey:
        """Return the site's cases, looked through once.

        Raises:
            FedkdError: TRAINING_DATA_INVALID when no case can be used.
        """
        if self.memory.survey is None:
            self.memory.survey = survey_site(self.cases)
        return self.memory.survey

    def stage_folder(self, study_sha256: str, stage: str) -> Path:
        """Return where a stage of a study keeps what stays at the site."""
        return self.work / study_sha256[:16] / stage
