"""What a package tells of the study that made it: stages, rounds, and how many labels of which site taught what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fedkd.federation.messages import RoundLine
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import AnyStage


def lineage_of(study: StudyFile, folder: Path) -> list[dict[str, Any]]:
    """Return for each stage that has begun what was done in it. Sites appear by their ids, cases as counts."""
    entries = []
    for stage in study.stages:
        store = StageStore(folder / "stages" / stage.name, study.sha256)
        history = store.history()
        if history:
            entries.append(_entry(stage, history, is_done=store.is_done()))
    return entries


def _entry(stage: AnyStage, history: tuple[RoundLine, ...], *, is_done: bool) -> dict[str, Any]:
    work = [line for line in history if line.kind != "evaluate"] if stage.kind != "evaluate" else list(history)
    sites: dict[str, dict[str, Any]] = {}
    for line in work:
        for answer in line.answers:
            if answer.declined or answer.site in line.refused:
                continue
            known = sites.setdefault(answer.site, {"answers": 0, "steps": 0, "labels": {}})
            known["answers"] += 1
            known["steps"] += answer.steps
            known["labels"] |= dict(answer.samples)
            if answer.epsilon is not None:
                known["epsilon"] = answer.epsilon
    return {
        "stage": stage.name,
        "kind": stage.kind,
        "finished": is_done,
        "seconds": round(sum(line.seconds for line in work), 1),
        "sites": sites,
        "left_out": sorted({site for line in work for site in (*line.missing, *line.refused)}),
        **_labeling(stage, work),
    }


def _labeling(stage: AnyStage, work: list[RoundLine]) -> dict[str, Any]:
    if stage.kind != "label":
        return {}
    not_labeled: dict[str, int] = {}
    for line in work:
        for answer in line.answers:
            for reason, count in answer.not_labeled.items():
                not_labeled[reason] = not_labeled.get(reason, 0) + count
    return {"not_labeled": not_labeled}
