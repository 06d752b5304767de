"""``fedkd federation simulate`` and ``consortium``: a whole study on one machine, over phantoms or real cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fedkd.federation.messages import AnyMessage


def simulate(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    cases: Annotated[Path, typer.Argument(help="Folder with one subfolder of cases for each site, named by its id.")],
    output: Annotated[Path, typer.Option(help="Folder of the results; an earlier run in it goes on.")],
    stage: Annotated[list[str] | None, typer.Option(help="Only this stage; may be given several times.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(help="Processes that prepare patches.", min=0, max=64)] = 0,
) -> None:
    """Run a study with all its sites in this process: no network, and nothing but the computer's own memory between."""
    from fedkd.backends import choose_device
    from fedkd.case.disk import make_output_folder
    from fedkd.federation.orchestra import Orchestra
    from fedkd.federation.place import SitePlace
    from fedkd.federation.results import write_results
    from fedkd.federation.simulated import SimulatedRounds
    from fedkd.federation.study_file import read_study

    chosen = read_study(study)
    make_output_folder(output)
    kind = choose_device(device).type
    places = {
        site.id: SitePlace(site.id, cases / site.id, output / "sites" / site.id, device=kind, workers=workers)
        for site in chosen.sites
    }
    Orchestra(chosen, SimulatedRounds(chosen, places), output, _show).run(stage)
    result = write_results(chosen, output)
    for what, place in (("Table", result.table), ("Model", result.package)):
        if place is not None:
            typer.echo(f"{what}: {place}")


def consortium(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the sites, one subfolder each.")],
    description: Annotated[str, typer.Option(help="A JSON file, or one of the built-in ones: published, small.")] = (
        "small"
    ),
    seed: Annotated[int, typer.Option(help="Consortia with different seeds share no patient.", min=0)] = 0,
    scale: Annotated[float, typer.Option(help="How many of the unlabeled CTs are made.", min=0, max=1)] = 1.0,
    jobs: Annotated[int, typer.Option(help="Processes at work.", min=1)] = 1,
) -> None:
    """Make phantoms for several sites: other scanners, patients, kinds of labels. Finished cases are kept."""
    from fedkd.case.disk import make_output_folder
    from fedkd.phantom.consortium import make_consortium, read_consortium

    make_output_folder(output)
    for site, folders in make_consortium(output, read_consortium(description), seed, scale, jobs):
        typer.echo(f"{site}: {len(folders)} cases")


def _show(message: AnyMessage) -> None:
    from fedkd.federation.message_views import line_of

    text = line_of(message)
    if text:
        typer.echo(text)
