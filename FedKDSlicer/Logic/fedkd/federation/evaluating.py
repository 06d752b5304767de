"""The evaluating stage at the coordinator: every network of the table goes to every site."""

from __future__ import annotations

from fedkd.atomic import write_text_atomically
from fedkd.federation.asking import Asking, Question
from fedkd.federation.evaluation_table import EvaluatedNetwork, Evaluations
from fedkd.federation.study_stages import EvaluateStage
from fedkd.federation.tasks_of_study import evaluate_task
from fedkd.federation.training import networks_of

EVALUATIONS_FILE = "evaluations.json"


def run_evaluation(stage: EvaluateStage, asking: Asking) -> None:
    """Evaluate the networks of every row on every site; those already evaluated are not sent again.

    Raises:
        FedkdError: ROUND_FAILED; those of writing.
    """
    study = asking.study
    path = asking.store_of(stage.name).folder / EVALUATIONS_FILE
    done = Evaluations.read(path, study.sha256)
    for row in stage.rows:
        for name, weights in networks_of(study.train_stage(row.stage), asking).items():
            if done.has(row.stage, name):
                continue
            answered = asking.ask(
                Question(
                    task=evaluate_task(study, row.stage, stage.name, 0),
                    weights=weights,
                    sites=tuple(site.id for site in study.sites),
                    deadline_s=stage.deadline_s,
                    rounds=1,
                    combine=lambda *_: None,
                )
            )
            cases = {answer.reply.site: answer.reply.evaluated for answer in answered.answers}
            done = done.with_network(EvaluatedNetwork(stage=row.stage, network=name, cases=cases))
            write_text_atomically(path, done.model_dump_json(indent=1) + "\n")
