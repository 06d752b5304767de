"""A site's process that does what sites do, and in stages of certain names what they must not do."""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
import sys
import time
from typing import Any

import torch

from fedkd.federation import train_work

SLOW_S = 29.0
_train_round = train_work.train_round


def _train_badly(task: Any, weights: Any, place: Any, report: Any) -> Any:
    answer = _train_round(task, weights, place, report)
    sent = dict(answer.weights)
    name = next(iter(sent))
    match task.stage:
        case "nan":
            sent[name] = torch.full_like(sent[name], torch.nan)
        case "shapes":
            sent[name] = torch.zeros(3, 3)
        case "slow":
            time.sleep(SLOW_S)
        case "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/patients/a.nii.gz")
        case "cut":
            time.sleep(2)
        case "frozen":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
    return dataclasses.replace(answer, weights=sent)


if __name__ == "__main__":
    train_work.train_round = _train_badly
    from fedkd_federation.__main__ import main

    main(sys.argv[1])
