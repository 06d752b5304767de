"""``slicer.app.coreIOManager()``: reading and writing by the scene's own logics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

from harness.complaints import COMPLAINTS
from harness.guarded import StandIn

_TYPES = (
    (("mrk.json", "fcsv"), "MarkupsFile"),
    (("seg.nrrd", "seg.nhdr"), "SegmentationFile"),
    (("mrml", "mrb"), "SceneFile"),
    (("nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd", "dcm"), "VolumeFile"),
    (("vtk", "vtp", "stl", "ply", "obj"), "ModelFile"),
    (("csv", "tsv"), "TableFile"),
    (("txt",), "TextFile"),
)
# The archetype reader's options, bit by bit.
_VOLUME_OPTIONS = ("labelmap", "center", "singleFile", "autoWindowLevel", "discardOrientation")


class FileIO(StandIn):
    """Reads and writes the files that the panel uses."""

    STANDS_IN_FOR = "qSlicerCoreIOManager"

    def __init__(self, application_logic: Any) -> None:
        self._application_logic = application_logic

    def fileType(self, file: Any) -> str:
        name = str(file).lower()
        return next((kind for suffixes, kind in _TYPES if name.endswith(tuple(f".{s}" for s in suffixes))), "NoFile")

    def fileWriterFileType(self, node: Any, extension: str = "") -> str:
        return "NodeFile"

    def loadNodes(self, kind: str, properties: dict[str, Any], loaded: Any = None, messages: Any = None) -> bool:
        file = Path(properties["fileName"]).resolve()
        if not file.is_file():
            return False
        loaders = {
            "VolumeFile": self._load_volume,
            "MarkupsFile": self._load_markups,
            "SegmentationFile": self._load_segmentation,
            "ModelFile": self._load_model,
            "SceneFile": self._load_scene,
        }
        if kind not in loaders:
            raise COMPLAINTS.unknown(f"loading files of the type {kind}")
        nodes = loaders[kind](str(file), properties, messages)
        for node in nodes:
            if loaded is not None:
                loaded.AddItem(node)
        return bool(nodes)

    def saveNodes(self, kind: str, properties: dict[str, Any], messages: Any = None) -> bool:
        file = Path(properties["fileName"]).resolve()
        if kind == "SceneFile":
            return self._save_scene(file, messages)
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        if node.GetStorageNode() is None:
            node.AddDefaultStorageNode(str(file))
        storage = node.GetStorageNode()
        storage.SetFileName(str(file))
        if "useCompression" in properties:
            storage.SetUseCompression(properties["useCompression"])
        return bool(storage.WriteData(node))

    def _load_volume(self, file: str, properties: dict[str, Any], messages: Any) -> list[Any]:
        options = sum(1 << bit for bit, name in enumerate(_VOLUME_OPTIONS) if properties.get(name))
        names = None
        if properties.get("fileNames"):
            names = vtk.vtkStringArray()
            for each in properties["fileNames"]:
                names.InsertNextValue(str(each))
        name = properties.get("name") or _node_name(file)
        logic = slicer.app.moduleManager().module("Volumes").logic()
        node = logic.AddArchetypeVolume(file, name, options, names)
        if node is None:
            return []
        if properties.get("show", True):
            selection = self._application_logic.GetSelectionNode()
            selection.SetActiveVolumeID(node.GetID())
            self._application_logic.PropagateVolumeSelection()
        return [node]

    @staticmethod
    def _load_markups(file: str, properties: dict[str, Any], messages: Any) -> list[Any]:
        ids = slicer.app.moduleManager().module("Markups").logic().LoadMarkups(file, properties.get("name"), messages)
        return [slicer.mrmlScene.GetNodeByID(each) for each in (ids or "").split(",") if each]

    @staticmethod
    def _load_segmentation(file: str, properties: dict[str, Any], messages: Any) -> list[Any]:
        logic = slicer.app.moduleManager().module("Segmentations").logic()
        node = logic.LoadSegmentationFromFile(file, True, properties.get("name"), None, messages)
        return [node] if node is not None else []

    @staticmethod
    def _load_model(file: str, properties: dict[str, Any], messages: Any) -> list[Any]:
        logic = slicer.app.moduleManager().module("Models").logic()
        node = logic.AddModel(file, slicer.vtkMRMLStorageNode.CoordinateSystemLPS, messages)
        return [node] if node is not None else []

    @staticmethod
    def _load_scene(file: str, properties: dict[str, Any], messages: Any) -> list[Any]:
        scene = slicer.mrmlScene
        before = {scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())}
        clear = properties.get("clear", False)
        if file.endswith(".mrb"):
            good = scene.ReadFromMRB(file, clear, messages)
        else:
            scene.SetURL(file)
            good = scene.Connect(messages) if clear else scene.Import(messages)
        after = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
        return [node for node in after if node not in before] if good else []

    @staticmethod
    def _save_scene(file: Path, messages: Any) -> bool:
        scene = slicer.mrmlScene
        scene.SetURL(str(file))
        scene.SetRootDirectory(str(file.parent))
        if file.suffix == ".mrml":
            return bool(scene.Commit())
        if file.suffix != ".mrb":
            raise COMPLAINTS.unknown("saving a scene as a folder")
        return bool(scene.WriteToMRB(str(file), None, messages))


def _node_name(file: str) -> str:
    name = Path(file).name
    for suffixes, _ in _TYPES:
        for suffix in sorted(suffixes, key=len, reverse=True):
            if name.lower().endswith(f".{suffix}"):
                return name[: -len(suffix) - 1]
    return Path(file).stem
