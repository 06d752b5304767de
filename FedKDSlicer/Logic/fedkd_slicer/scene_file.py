"""Write a scene as one file (.mrb) that tells nothing about the machine it was made on."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import slicer

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes import pack_nrrd
from fedkd_slicer.scene_from_case import CaseNodes

_VOLUME_END, _SEGMENTATION_END = ".nrrd", ".seg.nrrd"


def write_scene_file(scene: slicer.vtkMRMLScene, nodes: CaseNodes, path: Path) -> None:
    """Write ``scene`` to ``path``, which ends with ``.mrb``.

    Raises:
        FedkdError: SCENE_FAILED when Slicer could not write all of it.
        OSError: the disk is full, or the file cannot be written.
    """
    _forget_original_files(nodes)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="bundle-") as scratch:
        # The folder's name is what Slicer calls the bundle's only folder, too.
        bundle = Path(scratch) / path.stem
        bundle.mkdir()
        messages = slicer.vtkMRMLMessageCollection()
        scene.SetURL(str(path))
        if not scene.SaveSceneToSlicerDataBundleDirectory(str(bundle), None, messages):
            raise FedkdError(
                ExitCode.SCENE_FAILED,
                f"Slicer's core could not write the scene: {messages.GetAllMessagesAsString() or 'no reason given'}.",
                where=path,
                what_to_do="Check that the disk has room for two copies of the CT.",
            )
        _pack(bundle, path)


def _pack(bundle: Path, path: Path) -> None:
    """Put the bundle's folder into one file, as Slicer does; volumes are compressed, several times faster."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(file for file in bundle.rglob("*") if file.is_file()):
            # Without the file's date, so that the same scene is the same file.
            entry = zipfile.ZipInfo(file.relative_to(bundle.parent).as_posix())
            with archive.open(entry, "w", force_zip64=True) as target:
                if file.name.endswith(_VOLUME_END) and not file.name.endswith(_SEGMENTATION_END):
                    pack_nrrd(file, target)
                else:
                    target.write(file.read_bytes())


def _forget_original_files(nodes: CaseNodes) -> None:
    # Bundled files are named after the file a node came from, and that name may hold a patient's name.
    segmentations = (nodes.calcification, *nodes.outlines)
    names = {nodes.ct: ".nrrd", nodes.landmarks: ".mrk.json"} | dict.fromkeys(segmentations, ".seg.nrrd")
    for node, extension in names.items():
        storage = node.GetStorageNode()
        storage.ResetFileNameList()
        storage.SetFileName(node.GetName() + extension)
    nodes.ct.GetStorageNode().SetUseCompression(False)  # it is compressed when it is packed
