"""Texts for nginx from the templates beside this file. Every value in them was checked by pydantic before."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from fedkd_federation.gateway.private_files import make_private_folder, write_private

# The one service that passes, by its name in Fed-BioMed's protocol.
SERVICE = "researcher.ResearcherService"
CONFIG = "nginx.conf"
PASSED_LOGS = "passed-*.jsonl"
_FOLDERS = ("logs", "public", "public/fedkd", "public/fedkd/certificates", "temp")


def write_config(folder: Path, template: str, values: dict[str, object]) -> None:
    """Write nginx.conf and make the folders that it names.

    Raises:
        FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    for name in _FOLDERS:
        make_private_folder(folder / name)
    # nginx's own settings escape nothing, so neither do we: no value may hold more than names, numbers and addresses.
    templates = Environment(
        loader=PackageLoader("fedkd_federation.gateway"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML
    )
    text = templates.get_template(template).render(user=_user(), service=SERVICE, **values)
    write_private(folder / CONFIG, text.encode())


def _user() -> str | None:
    """Return whom nginx' workers run as, None where they simply are who started it.

    Started by root, nginx would make them nobody, who may read none of these files.
    """
    return pwd.getpwuid(0).pw_name if os.geteuid() == 0 else None
