"""The page printed as PDF by a browser, if the computer has one. Nothing else needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_S = 90.0

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "microsoft-edge-stable",
)
# Where macOS and Windows put them, outside PATH.
_MAC_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS_PLACES = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")

_FLAGS = (
    "--headless",  # no window
    "--disable-gpu",  # no graphics driver is needed, and a broken one does no harm
    "--incognito",  # nothing about the page is written into the profile
    "--no-first-run",  # no questions
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",  # no updates, no reports home
    "--disable-component-update",
    "--disable-breakpad",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no host has an address: nothing can be sent or fetched
    "--disable-dev-shm-usage",  # containers give it 64 MB only
    "--no-pdf-header-footer",  # the page has its own
)


class NoPdf(Exception):  # noqa: N818 - the report does without
    """No PDF was made; the message is a plain sentence that says why."""


def find_browser() -> Path | None:
    """Return a browser of the Chromium family: Chromium, Chrome or Edge; None when there is none."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    places = [Path(place) for place in _MAC_PLACES] if sys.platform == "darwin" else []
    for variable in _WINDOWS_FOLDERS:
        folder = os.environ.get(variable)
        if folder and sys.platform == "win32":
            places += [Path(folder) / place for place in _WINDOWS_PLACES]
    return next((place for place in places if place.is_file()), None)


def print_pdf(page: Path, pdf: Path, timeout_s: float = TIMEOUT_S) -> None:
    """Print an HTML file, without any network, with a profile of its own that is thrown away.

    Args:
        page: the HTML file.
        pdf: what to write.
        timeout_s: after this the browser is ended.

    Raises:
        NoPdf: there is no browser, or it made no PDF.
    """
    browser = find_browser()
    if browser is None:
        raise NoPdf("no Chromium, Chrome or Edge was found on this computer")
    with _temporary_folder(None) as profile, _temporary_folder(_folder_for_sockets()) as sockets:
        arguments = [
            str(browser),
            *_FLAGS,
            *_sandbox_flags(),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf.resolve()}",
            page.resolve().as_uri(),
        ]
        places = {"TMPDIR": sockets, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}
        _run(arguments, os.environ | places, timeout_s)
    if not pdf.is_file() or pdf.stat().st_size == 0:
        raise NoPdf("the browser made none")


def _temporary_folder(place: str | None) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fedkd-", dir=place, ignore_cleanup_errors=True)


def _folder_for_sockets() -> str | None:
    """Return a folder for sockets, whose paths hold about 100 characters: a case is made in a folder with a longer one.

    The profile lies with the case: if we are killed, it goes away with what is left of the unfinished case.

    None: the usual one.
    """
    common = "/tmp"  # noqa: S108 (a folder of our own with a random name is made in it)
    return common if os.name == "posix" and os.access(common, os.W_OK | os.X_OK) else None


def _sandbox_flags() -> tuple[str, ...]:
    # Chromium refuses its sandbox to root, who is the user of most containers. The page is ours and runs no scripts.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()


def _run(arguments: list[str], environment: dict[str, str], timeout_s: float) -> None:
    try:
        # Pipes would stay open in the browser's own children; what it says there is of no use to a reader.
        subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=timeout_s,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NoPdf(f"the browser took longer than {timeout_s:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise NoPdf(f"the browser ended with status {error.returncode}") from error
    except OSError as error:
        raise NoPdf(f"the browser could not be started ({error.strerror})") from error
