"""The plan that travels: everything it does is in the installed code, which the site compares with what it approved."""

from __future__ import annotations

from fedkd_federation.plan import FedKDPlan


class StudyPlan(FedKDPlan):
    """Carries out the tasks of an approved study, with the code that is installed at the site."""

    def init_dependencies(self) -> list[str]:  # sites read and approve this text: it stays as short as can be
        return ["from fedkd_federation.plan import FedKDPlan"]
