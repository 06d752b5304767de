"""What a study leaves in its folder when its stages are finished: tables, and the model package."""

from __future__ import annotations

from pathlib import Path

from fedkd.atomic import write_text_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.evaluating import EVALUATIONS_FILE
from fedkd.federation.evaluation_table import Evaluations, ResultTable, result_table
from fedkd.federation.messages import ResultLine
from fedkd.federation.orchestra import STUDY_COPY
from fedkd.federation.package import write_study_package
from fedkd.federation.stage_store import StageStore
from fedkd.federation.study_file import StudyFile, parse_study
from fedkd.federation.study_stages import EvaluateStage
from fedkd.federation.table_views import table_csv
from fedkd.models.identity import hash_of_model

PACKAGE_FOLDER = "package"
TABLES_FOLDER = "tables"


def study_of_folder(folder: Path) -> StudyFile:
    """Return the study that a folder of results is of.

    Raises:
        FedkdError: INPUT_NOT_FOUND when it is none; STUDY_INVALID when its copy of the study is damaged.
    """
    path = folder / STUDY_COPY
    if not path.is_file():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "This folder holds no results of a federated study.",
            where=folder,
            what_to_do="Give the output folder of `fedkd federation run` or `simulate`.",
        )
    return parse_study(path.read_bytes(), path)


def tables_of(study: StudyFile, folder: Path) -> dict[str, ResultTable]:
    """Return the table of every evaluating stage that has brought anything, by the stage's name.

    Raises:
        FedkdError: INPUT_UNREADABLE when an evaluation is damaged.
    """
    tables = {}
    for stage in study.stages:
        if isinstance(stage, EvaluateStage):
            found = Evaluations.read(folder / "stages" / stage.name / EVALUATIONS_FILE, study.sha256)
            if found.networks:
                tables[stage.name] = result_table(study, stage, found)
    return tables


def write_results(study: StudyFile, folder: Path) -> ResultLine:
    """Write the tables, and the package when the stage that trains its student is finished.

    A package that is there already is left as it is: the same study makes the same one.

    Raises:
        FedkdError: STUDY_INVALID when there is something wrong with a stage; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    tables = tables_of(study, folder)
    for name, table in tables.items():
        place = folder / TABLES_FOLDER
        try:
            place.mkdir(exist_ok=True)
        except OSError as error:
            raise writing_error(place, error) from error
        write_text_atomically(place / f"{name}.json", table.model_dump_json(indent=1) + "\n")
        write_text_atomically(place / f"{name}.csv", table_csv(table))
    package = folder / PACKAGE_FOLDER
    if not package.exists() and _is_packable(study, folder):
        write_study_package(study, folder, package)
    there = package.exists()
    return ResultLine(
        output=str(folder),
        package=str(package) if there else None,
        package_sha256=hash_of_model(package) if there else None,
        table=str(folder / TABLES_FOLDER / f"{list(tables)[-1]}.csv") if tables else None,
    )


def _is_packable(study: StudyFile, folder: Path) -> bool:
    if study.package is None:
        return False
    names = [study.package.student, *([study.package.localizer] if study.package.localizer != "embedded" else [])]
    # The table's row of the student belongs into the package: wait for it.
    names += [
        stage.name
        for stage in study.stages
        if isinstance(stage, EvaluateStage) and any(row.stage == study.package.student for row in stage.rows)
    ]
    return all(StageStore(folder / "stages" / name, study.sha256).is_done() for name in names)
