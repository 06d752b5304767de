"""One of several parts of a cohort, for computers that share the work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fedkd.cohort.messages import CaseRequest
from fedkd.errors import ExitCode, FedkdError

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True)
class Shard:
    """Part ``number`` (from 1) of ``count`` parts."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``3/16``.

        Raises:
            FedkdError: USAGE.
        """
        match = _SHARD.fullmatch(text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise FedkdError(
                ExitCode.USAGE,
                f"{text!r} is no part of a cohort.",
                where="--shard",
                what_to_do="Write which part of how many, such as 3/16; the first is 1/16.",
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, cases: Sequence[CaseRequest]) -> tuple[CaseRequest, ...]:
        """Return this part of the cases, in the order of their ids: every ``count``-th, whatever is finished.

        The parts of the same cases are disjoint, leave none out, and differ by one case at most.
        """
        ordered = sorted(cases, key=lambda case: case.case_id)
        return tuple(ordered[self.number - 1 :: self.count])
