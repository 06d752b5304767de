"""Widgets of Slicer that know the scene, apart from views and the node selector."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from harness.widgets.ctk_widgets import ctkSliderWidget

Signal, Property = QtCore.Signal, QtCore.Property


class qMRMLWidget(QtWidgets.QWidget):
    """A widget that is given a scene and says so."""

    mrmlSceneChanged = Signal(object)
    SIGNALS = {"mrmlSceneChanged(vtkMRMLScene*)": ""}

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)


class qSlicerWidget(qMRMLWidget):
    """Slicer's base of module widgets."""


class qMRMLSliderWidget(ctkSliderWidget):
    """A slider that may show units of the scene; this one shows plain numbers."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene


class qMRMLSegmentsTableView(QtWidgets.QTableWidget):
    """The segments of one segmentation, by name."""

    selectionChanged = Signal(object, object)
    SIGNALS = {"selectionChanged(QItemSelection,QItemSelection)": ""}

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._node: Any = None
        self.setColumnCount(1)
        self.setHorizontalHeaderLabels(["Name"])

    def segmentationNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        self._node = node
        segmentation = node.GetSegmentation() if node is not None else None
        count = segmentation.GetNumberOfSegments() if segmentation is not None else 0
        self.setRowCount(count)
        for row in range(count):
            item = QtWidgets.QTableWidgetItem(segmentation.GetNthSegment(row).GetName())
            item.setData(QtCore.Qt.ItemDataRole.UserRole, segmentation.GetNthSegmentID(row))
            self.setItem(row, 0, item)

    def selectedSegmentIDs(self) -> list[str]:
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return [self.item(row, 0).data(QtCore.Qt.ItemDataRole.UserRole) for row in rows]

    def setSelectedSegmentIDs(self, segment_ids: list[str]) -> None:
        self.clearSelection()
        for row in range(self.rowCount):
            if self.item(row, 0).data(QtCore.Qt.ItemDataRole.UserRole) in segment_ids:
                self.selectRow(row)
