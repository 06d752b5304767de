"""Stands in for the process that makes scene and views. What it does, the name of the case says."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
ct_file = Path(sys.argv[sys.argv.index("--ct") + 1])
for needed in ("landmarks.mrk.json", "calcification.seg.nrrd", "provenance.json"):
    assert (folder / needed).is_file(), needed
assert ct_file.is_file(), ct_file
print(json.dumps({"case": folder.name, "stage": "scene", "fraction": 0.5, "message": "Halfway"}), flush=True)
(folder / "scene.mrb").write_bytes(b"scene")
(folder / ".partial-scene").mkdir()
(folder / ".partial-scene" / "half").write_bytes(b"half")
if folder.name.startswith("scenecrash"):
    os.abort()
if folder.name.startswith("scenekills"):
    mark = folder.parents[1] / "killed.txt"
    if not folder.name.startswith("scenekillsonce") or not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
if folder.name.startswith("scenehang"):
    time.sleep(60)
if folder.name.startswith("scenerefuse"):
    error = {"code": 19, "what": "Slicer's core is not installed.", "where": "here", "what_to_do": "Install it."}
    print(json.dumps({"error": error}), flush=True)
    raise SystemExit(19)
shutil.rmtree(folder / ".partial-scene")
(folder / "views").mkdir()
(folder / "views" / "annulus.png").write_bytes(b"view")
