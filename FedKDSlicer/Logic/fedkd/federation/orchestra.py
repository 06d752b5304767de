"""Leads a study through its stages; whatever ends it, the next run goes on behind the last finished round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.asking import Asking
from fedkd.federation.evaluating import run_evaluation
from fedkd.federation.labeling import run_labeling
from fedkd.federation.messages import AnyMessage, StageLine
from fedkd.federation.rounds import Rounds
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import StudyFile
from fedkd.federation.study_stages import AnyStage, EvaluateStage, LabelStage, TrainStage
from fedkd.federation.training import run_training

STUDY_COPY = "study.json"
Tell = Callable[[AnyMessage], None]


class Orchestra:
    """One study and its output folder.

    Args:
        study: what is to be done.
        rounds: what carries tasks to the sites.
        folder: of the study; an earlier run in it goes on.
        tell: is told what happens.

    Raises:
        FedkdError: STUDY_INVALID when the folder holds another study; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """

    def __init__(self, study: StudyFile, rounds: Rounds, folder: Path, tell: Tell) -> None:
        self._study = study
        self._folder = folder
        self._asking = Asking(study, rounds, folder, tell)
        self._tell = tell
        self._claim_folder()

    def run(self, only: Sequence[str] | None = None) -> None:
        """Run the stages of the study, or only those named, in the study's order; finished ones are skipped.

        Raises:
            FedkdError: STUDY_INVALID for an unknown stage, or one whose earlier stages are not finished; ROUND_FAILED
                when too few sites answered; those of writing.
            Stopped: somebody asked for an end.
        """
        wanted = [stage.name for stage in self._study.stages] if only is None else list(only)
        for name in wanted:
            self._study.stage(name)
        for stage in self._study.stages:
            if stage.name in wanted:
                self._run_stage(stage)

    def store_of(self, stage: str) -> StageStore:
        """Return what is kept of a stage."""
        return self._asking.store_of(stage)

    def _run_stage(self, stage: AnyStage) -> None:
        store = self.store_of(stage.name)
        rounds = stage.rounds if isinstance(stage, TrainStage) else 1
        if store.is_done():
            self._tell(StageLine(stage=stage.name, state="skipped", rounds=rounds, round=rounds))
            return
        self._require_done(stage)
        begun = "resumed" if store.history() else "started"
        self._tell(StageLine(stage=stage.name, state=begun, rounds=rounds, round=0))
        match stage:
            case TrainStage():
                run_training(stage, self._asking)
            case LabelStage():
                run_labeling(stage, self._asking)
            case EvaluateStage():
                run_evaluation(stage, self._asking)
        store.set_done()
        self._tell(StageLine(stage=stage.name, state="done", rounds=rounds, round=rounds))

    def _require_done(self, stage: AnyStage) -> None:
        undone = [name for name in needed_stages(stage, self._study) if not self.store_of(name).is_done()]
        if undone:
            raise FedkdError(
                ExitCode.STUDY_INVALID,
                f"Stage {stage.name} needs {', '.join(undone)}, not yet finished.",
                where=stage.name,
                what_to_do="Run those stages first, or all of them: leave --stage out.",
            )

    def _claim_folder(self) -> None:
        path = self._folder / STUDY_COPY
        text = self._study.canonical + "\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            known = path.read_text(encoding="utf-8") if path.is_file() else None
        except (OSError, UnicodeDecodeError) as error:
            reason = error if isinstance(error, OSError) else OSError(str(error))
            raise writing_error(self._folder, reason) from error
        if known is None:
            write_text_atomically(path, text)
        elif known != text:
            raise FedkdError(
                ExitCode.STUDY_INVALID,
                "The output folder holds another study, or an earlier text of this one.",
                where=self._folder,
                what_to_do="Give another output folder: what was trained by other rules is not this study's.",
            )


def needed_stages(stage: AnyStage, study: StudyFile) -> list[str]:
    """Return the stages whose results a stage uses."""
    match stage:
        case TrainStage():
            before = [one.name for one in study.stages[: study.stages.index(stage)] if isinstance(one, LabelStage)]
            labels = before[-1:] if stage.labels != "human" else []
            return [*([stage.start_from] if stage.start_from else []), *labels]
        case LabelStage():
            return list(dict.fromkeys(stage.teachers.values()))
        case EvaluateStage():
            return list(dict.fromkeys(row.stage for row in stage.rows))
