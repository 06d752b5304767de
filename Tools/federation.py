"""A whole federation on this machine: a coordinator and three sites as processes of Fed-BioMed, over phantoms.

Everything is set up anew, by the commands that operators give; the study goes on where an earlier run stopped.
Prints the table of the study, and whether the distilled student finds the hinge points of the held-out site better than
the students that sites trained alone.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
import threading
import time
from pathlib import Path

from rich.console import Console

from fedkd.errors import FedkdError
from fedkd.federation.commands import ApproveStudy, SetUpSite, ShowPlan, StartCoordinator, StartSite
from fedkd.federation.evaluation_table import ResultTable
from fedkd.federation.message_views import line_of
from fedkd.federation.messages import MESSAGES
from fedkd.federation.processes import FederationProcess, error_in
from fedkd.federation.results import tables_of
from fedkd.federation.study_file import StudyFile, read_study
from fedkd.federation.table_views import NOTES, terminal_table
from fedkd.phantom.consortium import make_consortium, read_consortium

REPOSITORY = Path(__file__).resolve().parent.parent
_UNSEEN, _POINTS, _DISTILLED, _LOCAL = "held-out sites", "hinge points", "federated + distilled", "local"
STUDY = REPOSITORY / "Docs" / "examples" / "federation_small.yaml"


def main() -> int:
    """Make the phantoms, run the study, print the table."""
    arguments = _arguments()
    console = Console(width=150)
    started = time.monotonic()
    study = read_study(arguments.study)
    folder = arguments.folder
    console.print(f"Phantoms of {len(study.sites)} sites in {folder / 'cases'}")
    for site, cases in make_consortium(folder / "cases", read_consortium("small"), seed=0, scale=1.0, jobs=2):
        console.print(f"  {site}: {len(cases)} cases")
    try:
        _run(study, arguments.study, folder, console)
    except FedkdError as error:
        console.print(f"{error.what} {error.what_to_do}", markup=False)
        return int(error.code)
    for table in tables_of(study, folder / "study").values():
        console.print(terminal_table(table))
        console.print(_verdict(table), markup=False)
    for note in NOTES:
        console.print(note, markup=False)
    console.print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    return 0


def _run(study: StudyFile, path: Path, folder: Path, console: Console) -> None:
    port = _free_port()
    out = folder / "study"
    out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        coordinator = stack.enter_context(FederationProcess("coordinator", out / "coordinator.log"))
        sites = {
            site.id: stack.enter_context(FederationProcess("site", folder / f"{site.id}.log")) for site in study.sites
        }
        coordinator.tell(StartCoordinator(folder=out, study=path, port=port, wait_s=300))
        for name, process in sites.items():
            _start_site(process, name, study, path, folder, port)
            threading.Thread(target=_drain, args=(process,), daemon=True).start()
        for said in coordinator.lines():
            if said["what"] == "error":
                raise error_in(said)
            if said["what"] not in ("site_seen", "traffic"):
                text = line_of(MESSAGES.validate_python(said))
                if text:
                    console.print(text, markup=False, highlight=False)


def _verdict(table: ResultTable) -> str:
    """Return whether distilling helped where nobody trained: the hinge points of the held-out site."""
    errors = {row.method: row.scopes[_UNSEEN].errors_mm[_POINTS] for row in table.rows if _UNSEEN in row.scopes}
    distilled, local = errors.get(_DISTILLED), errors.get(_LOCAL)
    if distilled is None or local is None or distilled.mean is None or local.mean is None:
        return "The table does not say whether distilling helped: one of the two networks found no hinge point."
    found = f"distilled {distilled.mean:.2f} mm ({distilled.found} of {distilled.of} points found), "
    found += f"trained alone {local.mean:.2f} mm ({local.found} of {local.of}, over all sites' students)"
    better = "lower" if distilled.mean < local.mean else "NOT lower"
    return f"Hinge points on the held-out site: {found}. The distilled student's error is {better}."


def _start_site(process: FederationProcess, name: str, study: StudyFile, path: Path, folder: Path, port: int) -> None:
    own = folder / "sites" / name
    cases = folder / "cases" / name
    process.tell(SetUpSite(folder=own, site=name, cases=cases, coordinator_host="localhost", coordinator_port=port))
    process.wait_for("set_up")
    process.tell(ShowPlan(folder=own))
    plan = process.wait_for("plan")["sha256"]
    process.tell(ApproveStudy(folder=own, study=path, study_sha256=study.sha256, plan_sha256=plan))
    process.wait_for("approved")
    process.tell(StartSite(folder=own))


def _drain(process: FederationProcess) -> None:
    # What nobody reads would fill the pipe, and stop the site.
    with contextlib.suppress(FedkdError, ValueError):
        for _ in process.lines():
            pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for phantoms, sites and results; an earlier run in it goes on")
    parser.add_argument("--study", type=Path, default=STUDY, help="of sites north, south and west")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
