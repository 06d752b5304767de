"""What rounds over Fed-BioMed cost beyond training: seconds, bytes, and whether the coordinator's memory stays flat.

Three sites on this machine train a network of 16 million parameters for one small step a round. Prints a table; with
``--json`` writes it, too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fedkd.errors import FedkdError
from fedkd.federation.commands import ApproveStudy, SetUpSite, ShowPlan, StartCoordinator, StartSite
from fedkd.federation.processes import FederationProcess, error_in
from fedkd.federation.study_file import StudyFile
from fedkd.networks import build_network
from fedkd.phantom.cases import make_cases
from fedkd.phantom.fields import Field

SITES = ("one", "two", "three")
FLAT_FROM = 3
NETWORK = {
    "architecture": "residual_unet",
    "heads": {"hps": 6, "ms": 3, "calc": 2},
    "filters": [32, 64, 128, 256, 320],
    "deep_levels": 1,
}


def main() -> int:
    """Run the rounds and print what they cost."""
    arguments = _arguments()
    console = Console(width=120)
    study = _study(arguments.rounds)
    with tempfile.TemporaryDirectory(prefix="fedkd-bench-") as folder:
        lines = _run(study, Path(folder), arguments.rounds)
    recipe = study.recipe_of(study.train_stage("bench"))
    parameters = sum(value.numel() for value in build_network(recipe.stage.network).parameters())
    result = _result(lines, 4 * parameters)
    result["parameters"] = parameters
    _show(result, console)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


def _run(study: StudyFile, folder: Path, rounds: int) -> list[dict[str, Any]]:
    path, out, port = folder / "study.yaml", folder / "out", _free_port()
    path.write_text(study.canonical)
    out.mkdir()
    found: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        coordinator = stack.enter_context(FederationProcess("coordinator", folder / "coordinator.log"))
        sites = {name: stack.enter_context(FederationProcess("site", folder / f"{name}.log")) for name in SITES}
        coordinator.tell(StartCoordinator(folder=out, study=path, port=port, wait_s=300))
        for number, (name, process) in enumerate(sites.items()):
            cases = folder / "cases" / name
            make_cases(cases, 2, number, Field.WIDE)
            _start_site(process, name, study, path, folder, port)
        for said in coordinator.lines():
            if said["what"] == "error":
                raise error_in(said)
            if said["what"] == "traffic":
                found.append(said | {"rss_bytes": coordinator.memory_bytes(), "disk_bytes": _size(out)})
                print(f"round {len(found)} of {rounds}", file=sys.stderr)
    return found


def _start_site(process: FederationProcess, name: str, study: StudyFile, path: Path, folder: Path, port: int) -> None:
    own = folder / name
    cases = folder / "cases" / name
    process.tell(SetUpSite(folder=own, site=name, cases=cases, coordinator_host="localhost", coordinator_port=port))
    process.wait_for("set_up")
    process.tell(ShowPlan(folder=own))
    plan = process.wait_for("plan")["sha256"]
    process.tell(ApproveStudy(folder=own, study=path, study_sha256=study.sha256, plan_sha256=plan))
    process.wait_for("approved")
    process.tell(StartSite(folder=own))
    threading.Thread(target=_drain, args=(process,), daemon=True).start()


def _drain(process: FederationProcess) -> None:
    with contextlib.suppress(FedkdError, ValueError):
        for _ in process.lines():
            pass


def _result(lines: list[dict[str, Any]], model_bytes: int) -> dict[str, Any]:
    flat = [line["rss_bytes"] for line in lines[FLAT_FROM - 1 :]]
    disk = [line["disk_bytes"] for line in lines[FLAT_FROM - 1 :]]
    overheads = sorted(line["overhead_s"] for line in lines)
    per_site = len(SITES) * model_bytes
    return {
        "rounds": len(lines),
        "overhead_median_s": overheads[len(overheads) // 2],
        "overhead_most_s": overheads[-1],
        "sent_models_per_site": max(line["sent_bytes"] for line in lines) / per_site,
        "received_models_per_site": max(line["received_bytes"] for line in lines) / per_site,
        "memory_at_round_3_mb": flat[0] / 1e6,
        "memory_at_the_end_mb": flat[-1] / 1e6,
        "memory_growth": flat[-1] / flat[0] - 1,
        "disk_growth_mb": (disk[-1] - disk[0]) / 1e6,
    }


def _show(result: dict[str, Any], console: Console) -> None:
    table = Table("what", "value", title="Rounds over Fed-BioMed, three sites, one machine")
    for name, value in result.items():
        table.add_row(name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
    console.print(table)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _study(rounds: int) -> StudyFile:
    stage = {
        "network": NETWORK,
        "spacing_mm": 4.0,
        "patch_size": 32,
        "ball_radius_mm": 8.0,
        "normalization": {"clip_low_hu": -300, "clip_high_hu": 1200, "mean_hu": 250, "sd_hu": 300},
    }
    content = {
        "study_id": "bench",
        "sites": [{"id": site} for site in SITES],
        "recipes": {"bench": {"stage": stage, "sampling": {"crop_margin_mm": None}}},
        "stages": [{"kind": "train", "name": "bench", "recipe": "bench", "rounds": rounds, "steps": 1}],
        "participation": {"deadline_s": 600},
    }
    return StudyFile.model_validate(content)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
