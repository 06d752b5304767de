"""Does a kind of render window draw here? Tried in a process of its own, for a missing library ends the process.

``python -m fedkd_slicer.opengl_probe CLASS_NAME`` ends with 0 when it drew something.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from fedkd.errors import ExitCode, FedkdError

# Without a screen first: with Debian's Mesa both draw in software. The last is the platform's own.
WINDOW_CLASSES = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow", "vtkRenderWindow")
RENDERING_PACKAGES = "apt-get install --no-install-recommends libegl1 libgl1-mesa-dri"
_TIMEOUT_S = 60.0


def drawing_window_class(candidates: Sequence[str] = WINDOW_CLASSES) -> str:
    """Return the first of VTK's window classes that draws without a screen.

    Raises:
        FedkdError: DEPENDENCY_MISSING when none does, with what to install.
    """
    for class_name in candidates:
        if _draws(class_name):
            return class_name
    raise FedkdError(
        ExitCode.DEPENDENCY_MISSING,
        "The views cannot be drawn: OpenGL does not work on this system.",
        where=", ".join(candidates),
        what_to_do=f"As root, run '{RENDERING_PACKAGES}' (Debian, Ubuntu).",
    )


def _draws(class_name: str) -> bool:
    command = [sys.executable, "-P", "-m", __name__, class_name]
    try:
        outcome = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return outcome.returncode == 0


def draw_once(class_name: str) -> None:
    """Draw a small empty picture; where OpenGL is missing this ends the process with a signal.

    Raises:
        AttributeError: this VTK was built without the class.
    """
    # Only these two parts of VTK: all of it takes a second to load.
    from vtkmodules import vtkRenderingCore, vtkRenderingOpenGL2

    library = vtkRenderingCore if class_name == "vtkRenderWindow" else vtkRenderingOpenGL2
    window = getattr(library, class_name)()
    window.SetOffScreenRendering(True)
    window.SetSize(8, 8)
    window.Render()


if __name__ == "__main__":
    draw_once(sys.argv[1])
