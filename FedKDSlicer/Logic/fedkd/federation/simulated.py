"""All sites in one process: a study is tried on one machine before it goes out, and tests need no network."""

from __future__ import annotations

from collections.abc import Mapping

from fedkd.errors import FedkdError
from fedkd.federation.averaging import Weights
from fedkd.federation.place import SitePlace
from fedkd.federation.replies import SiteReply
from fedkd.federation.rounds import RoundJob, RoundResult, SiteAnswer
from fedkd.federation.site_work import do_task
from fedkd.federation.study_file import StudyFile
from fedkd.federation.task import read_task
from fedkd.progress import Report, silent


class SimulatedRounds:
    """Sites one after the other. Tasks and answers are written out and read again as on their way through a network."""

    def __init__(self, study: StudyFile, places: Mapping[str, SitePlace], report: Report = silent) -> None:
        self._study = study
        self._places = places
        self._report = report

    def run(self, job: RoundJob, weights: Weights) -> RoundResult:
        """Have each site carry out the task; deadlines do not count where nobody waits for anybody."""
        answers, missing = [], {}
        for site in job.sites:
            if site not in self._places:
                missing[site] = "it has no folder of cases here"
                continue
            try:
                answers.append(self._ask(site, job, weights))
            except FedkdError as error:
                missing[site] = error.what
        return RoundResult(tuple(answers), missing)

    def _ask(self, site: str, job: RoundJob, weights: Weights) -> SiteAnswer:
        task = read_task(job.task.model_dump_json())
        copies = {name: value.clone() for name, value in weights.items()}
        answer = do_task(self._study, task, copies, self._places[site], self._report)
        return SiteAnswer(SiteReply.model_validate_json(answer.reply.model_dump_json()), answer.weights)
