"""Run as a process of its own: open a scene file in Slicer's core and print what is in it as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import slicer
import vtk

from fedkd_slicer.core_without_application import start_core
from fedkd_slicer.ct_nodes import ijk_to_ras, voxels


def first(scene, class_name):
    return scene.GetFirstNodeByClass(class_name)


def landmarks_in(scene):
    node = first(scene, "vtkMRMLMarkupsFiducialNode")
    points = []
    for index in range(node.GetNumberOfControlPoints()):
        is_defined = node.GetNthControlPointPositionStatus(index) == slicer.vtkMRMLMarkupsNode.PositionDefined
        points.append(
            {
                "label": node.GetNthControlPointLabel(index),
                "ras_mm": list(node.GetNthControlPointPosition(index)) if is_defined else None,
                "description": node.GetNthControlPointDescription(index),
            }
        )
    display = node.GetDisplayNode()
    return {
        "points": points,
        "locked": bool(node.GetLocked()),
        "fixed": bool(node.GetFixedNumberOfControlPoints()),
        "labels_shown": bool(display.GetPointLabelsVisibility() and display.GetVisibility()),
        "model": node.GetAttribute("FedKD.ModelId"),
        "notice": node.GetAttribute("FedKD.Notice"),
    }


def calcification_in(scene):
    node = first(scene, "vtkMRMLSegmentationNode")
    ct = first(scene, "vtkMRMLScalarVolumeNode")
    segmentation = node.GetSegmentation()
    segment_id = segmentation.GetNthSegmentID(0)
    segment = segmentation.GetSegment(segment_id)
    on_ct = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    slicer.vtkSlicerSegmentationsModuleLogic.ExportSegmentsToLabelmapNode(node, [segment_id], on_ct, ct)
    array = voxels(on_ct)
    return {
        "segments": segmentation.GetNumberOfSegments(),
        "name": segment.GetName(),
        "color": list(segment.GetColor()),
        "terminology": terminology_of(segment),
        "reference": node.GetNodeReference(slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())
        is ct,
        "voxels_kji": np.argwhere(array > 0).tolist(),
        "in_3d": bool(segmentation.ContainsRepresentation("Closed surface")),
    }


def outlines_in(scene):
    """Every segmentation after the calcification, by name."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    nodes = [scene.GetNthNodeByClass(number, "vtkMRMLSegmentationNode") for number in range(1, count)]
    return {
        node.GetName(): {
            "segments": dict(segments_in(scene, node)),
            "model": node.GetAttribute("FedKD.ModelId"),
            "notice": node.GetAttribute("FedKD.Notice"),
        }
        for node in nodes
    }


def segments_in(scene, node):
    ct = first(scene, "vtkMRMLScalarVolumeNode")
    segmentation = node.GetSegmentation()
    for segment_id in segmentation.GetSegmentIDs():
        on_ct = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
        slicer.vtkSlicerSegmentationsModuleLogic.ExportSegmentsToLabelmapNode(node, [segment_id], on_ct, ct)
        marked = on_ct.GetImageData().GetNumberOfPoints() > 0
        kji = np.argwhere(voxels(on_ct) > 0).tolist() if marked else []
        yield segmentation.GetSegment(segment_id).GetName(), kji


def terminology_of(segment):
    entry = vtk.reference("")
    segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
    return str(entry)


def ct_in(scene):
    node = first(scene, "vtkMRMLScalarVolumeNode")
    display = node.GetDisplayNode()
    return {
        "name": node.GetName(),
        "ijk_to_ras": ijk_to_ras(node).tolist(),
        "sum": int(voxels(node).astype(np.int64).sum()),
        "size_xyz": list(node.GetImageData().GetDimensions()),
        "window": display.GetWindow(),
        "level": display.GetLevel(),
        "auto": bool(display.GetAutoWindowLevel()),
    }


def views_in(scene):
    slices = {}
    for name in ("Red", "Green", "Yellow"):
        node = scene.GetSingletonNode(name, "vtkMRMLSliceNode")
        composite = scene.GetSingletonNode(name, "vtkMRMLSliceCompositeNode")
        slices[name] = {
            "to_ras": slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS()).tolist(),
            "background": scene.GetNodeByID(composite.GetBackgroundVolumeID()).GetName(),
        }
    camera = first(scene, "vtkMRMLCameraNode")
    return {
        "slices": slices,
        "layout": first(scene, "vtkMRMLLayoutNode").GetViewArrangement(),
        "camera_focus": list(camera.GetFocalPoint()),
        "cameras": scene.GetNumberOfNodesByClass("vtkMRMLCameraNode"),
        "slice_nodes": scene.GetNumberOfNodesByClass("vtkMRMLSliceNode"),
        "markups_nodes": scene.GetNumberOfNodesByClass("vtkMRMLMarkupsNode"),
    }


def folder_in(scene):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(first(scene, "vtkMRMLScalarVolumeNode"))
    folder = hierarchy.GetItemParent(item)
    children = []
    hierarchy.GetItemChildren(folder, children)
    return {"name": hierarchy.GetItemName(folder), "children": [hierarchy.GetItemName(child) for child in children]}


def main():
    with tempfile.TemporaryDirectory() as scratch:
        core = start_core(Path(scratch))
        was_read = core.scene.ReadFromMRB(sys.argv[1], True)
        content = {
            "was_read": bool(was_read),
            "landmarks": landmarks_in(core.scene),
            "calcification": calcification_in(core.scene),
            "outlines": outlines_in(core.scene),
            "ct": ct_in(core.scene),
            "views": views_in(core.scene),
            "folder": folder_in(core.scene),
            "about": first(core.scene, "vtkMRMLTextNode").GetText(),
        }
        print(json.dumps(content))


if __name__ == "__main__":
    main()
