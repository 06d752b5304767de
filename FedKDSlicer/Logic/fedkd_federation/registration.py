"""A site's Fed-BioMed node: made, told of its cases, and given the one plan that it may run."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from fedbiomed.node.config import NodeConfig, node_component
from fedbiomed.node.dataset_manager import DatasetManager
from fedbiomed.node.training_plan_security_manager import TrainingPlanSecurityManager

from fedkd.federation.study_file import StudyFile
from fedkd_federation.installed_code import installed_code
from fedkd_federation.site_folder import Approval, SiteFolder, SiteSettings
from fedkd_federation.study_plan import StudyPlan

DATASET_TAG = "fedkd"
_PLAN_NAME = "FedKDSlicer"

# Fed-BioMed's own defaults run code that nobody at the site has read.
_SECURITY = {
    "training_plan_approval": "True",
    "allow_default_training_plans": "False",
    "allow_preproc": "False",
    "allow_federated_analytics": "False",
    "secure_aggregation": "True",
    "force_secure_aggregation": "False",
}


def open_node(folder: SiteFolder, settings: SiteSettings) -> NodeConfig:
    """Return the site's node, made when there is none, with the settings that it must have."""
    config = node_component.initiate(root=str(folder.component), alias=settings.site)
    config.set("default", "name", settings.site)
    config.set("researcher", "ip", settings.coordinator_host)
    config.set("researcher", "port", str(settings.coordinator_port))
    for key, value in _SECURITY.items():
        config.set("security", key, value)
    config.write()
    return config


def register_cases(config: NodeConfig, cases: Path, description: str) -> None:
    """Make the folder of cases the node's only dataset.

    Args:
        config: of the node.
        cases: one folder for each case; it never leaves the site, not even as a path.
        description: what the coordinator sees of it.
    """
    manager = DatasetManager(path=_database(config))
    for known in manager.list_my_datasets(verbose=False):
        manager.delete_dataset_by_id(known["dataset_id"], recursive=True)
    manager.add_database(
        name="cases", data_type="custom", tags=[DATASET_TAG], description=description, path=str(cases.resolve())
    )


def plan_text() -> str:
    """Return the plan's text as it travels."""
    return str(StudyPlan().source())


def plan_sha256(text: str) -> str:
    """Return what a plan is known by to people; Fed-BioMed's own hash is of the text without its comments."""
    return hashlib.sha256(text.encode()).hexdigest()


def approve(folder: SiteFolder, config: NodeConfig, study: StudyFile) -> Approval:
    """Register the plan of the installed code as the node's only one, approved, and keep what was approved."""
    text = plan_text()
    manager = _plans(config)
    for known in manager.list_training_plans(verbose=False):
        manager.delete_training_plan(known["training_plan_id"])
    path = folder.temporary / "plan.py"
    path.write_text(text, encoding="utf-8")
    manager.register_training_plan(name=_PLAN_NAME, description=study.study_id, path=str(path))
    approval = Approval(
        study_sha256=study.sha256,
        plan_sha256=plan_sha256(text),
        code=installed_code(),
        when=datetime.now(UTC),
    )
    folder.write_approval(approval, study)
    return approval


def withdraw(folder: SiteFolder, config: NodeConfig) -> None:
    """From now on the node runs nothing."""
    folder.withdraw_approval()
    manager = _plans(config)
    for known in manager.list_training_plans(verbose=False):
        manager.delete_training_plan(known["training_plan_id"])


def forget_requests(config: NodeConfig) -> None:
    """Remove requests that were waiting when the node was ended: nobody waits for their answers any more."""
    for queue in Path(config.root, "var").glob("queue_*"):
        shutil.rmtree(queue, ignore_errors=True)


def _plans(config: NodeConfig) -> TrainingPlanSecurityManager:
    return TrainingPlanSecurityManager(
        db=_database(config),
        node_id=config.get("default", "id"),
        node_name=config.get("default", "name"),
        hashing=config.get("security", "hashing_algorithm"),
        tp_approval=True,
    )


def _database(config: NodeConfig) -> str:
    return str(Path(config.root, "etc", config.get("default", "db")).resolve())
