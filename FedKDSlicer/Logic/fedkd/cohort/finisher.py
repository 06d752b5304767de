"""The process that finishes cases while the worker predicts others: ``python -m fedkd.cohort.finisher``.

JSON orders on stdin, JSON lines on stdout. It ends when stdin ends; when that happens at work, the worker is no more.
"""

from __future__ import annotations

import faulthandler
import os
import queue
import sys
import threading

from fedkd.cohort.failures import as_fedkd_error
from fedkd.cohort.finishing import finish_case, place_of
from fedkd.cohort.line_pipe import Emit, claim_stdout, end_process_group, reporter
from fedkd.cohort.making import Makers
from fedkd.cohort.messages import CaseResult, CaseResultLine, FinishOrder


def main(makers: Makers | None = None) -> None:
    """Serve orders until there are no more. The argument is for tests, which bring their own makers."""
    faulthandler.enable()
    emit = claim_stdout()
    orders: queue.Queue[FinishOrder | None] = queue.Queue()
    threading.Thread(target=_take_orders, args=(orders, os.getppid()), daemon=True).start()
    while (order := orders.get()) is not None:
        emit(CaseResultLine(case_result=_finish(order, makers or Makers(), emit)).line())
        orders.task_done()


def _take_orders(orders: queue.Queue[FinishOrder | None], worker: int) -> None:
    while line := sys.stdin.buffer.readline():
        orders.put(FinishOrder.model_validate_json(line))
    if orders.unfinished_tasks:
        end_process_group(worker)
    orders.put(None)


def _finish(order: FinishOrder, makers: Makers, emit: Emit) -> CaseResult:
    try:
        return finish_case(order, makers, reporter(order.case_id, emit))
    except Exception as error:  # noqa: BLE001 - one case must not end the others
        return CaseResult.of_error(order.case_id, as_fedkd_error(error, order.output, place_of(order).error_log))


if __name__ == "__main__":
    main()
