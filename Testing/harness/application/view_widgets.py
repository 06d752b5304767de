"""Slice and 3D views as widgets. They come alive (are drawn, take the mouse) when a test first looks at them."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtGui, QtWidgets

from harness.application.rendering import LiveSlice, LiveThreeD, LiveView

_BAR_PX = 22
FIRST_SIZE_PX = (400, 400)


class _View(QtWidgets.QWidget):
    """What slice and 3D views have in common."""

    STANDS_IN_FOR = "ctkVTKAbstractView"

    def __init__(self, application_logic: Any) -> None:
        super().__init__()
        self._application_logic = application_logic
        self._live: LiveView | None = None
        self._picture: QtGui.QImage | None = None
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)

    def _make_live(self) -> LiveView:
        raise NotImplementedError

    def live(self) -> LiveView:
        """Return the view's render window and displayable managers, made at the first call."""
        if self._live is None:
            self._live = self._make_live()
        return self._live

    def close_live(self) -> None:
        if self._live is not None:
            self._live.close()
            self._live = None

    def draw(self) -> None:
        """Draw the view as it is now, at its size; pictures of the window show this drawing."""
        live = self.live()
        live.window.SetSize(max(self.width, 1), max(self.height, 1))
        pixels = live.pixels()
        rows, columns, _ = pixels.shape
        image = QtGui.QImage(pixels.data, columns, rows, 3 * columns, QtGui.QImage.Format.Format_RGB888)
        self._picture = image.copy()
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect, QtGui.QColor("black"))
        if self._picture is not None:
            painter.drawImage(0, 0, self._picture)
        painter.end()

    def renderWindow(self) -> Any:
        return self.live().window

    def interactor(self) -> Any:
        return self.live().interactor

    def interactorObserver(self) -> Any:
        return self.live().style

    def displayableManagerByClassName(self, class_name: str) -> Any:
        return self.live().managers.GetDisplayableManagerByClassName(class_name)

    def scheduleRender(self) -> None:
        """Pictures are drawn when a test asks for them, so there is nothing to schedule."""

    def forceRender(self) -> None:
        if self._live is not None:
            self._live.window.Render()


class qMRMLSliceView(_View):
    def __init__(self, logic: Any, application_logic: Any) -> None:
        super().__init__(application_logic)
        self._logic = logic

    def _make_live(self) -> LiveView:
        size = self._logic.GetSliceNode().GetDimensions()[:2]
        return LiveSlice(self._logic, self._application_logic, (max(size[0], 1), max(size[1], 1)))

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def convertRASToXYZ(self, ras_mm: Any) -> list[float]:
        inverse = _inverse(self.mrmlSliceNode().GetXYToRAS())
        return list(inverse.MultiplyPoint([*ras_mm, 1.0])[:3])

    def convertXYZToRAS(self, xyz: Any) -> list[float]:
        return list(self.mrmlSliceNode().GetXYToRAS().MultiplyPoint([*xyz, 1.0])[:3])

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self._logic.ResizeSliceNode(max(self.width, 1), max(self.height, 1))


class qMRMLThreeDView(_View):
    def __init__(self, logic: Any, application_logic: Any) -> None:
        super().__init__(application_logic)
        self._logic = logic

    def _make_live(self) -> LiveView:
        size = (max(self.width, 1), max(self.height, 1)) if self.visible else FIRST_SIZE_PX
        return LiveThreeD(self._logic.GetViewNode(), self._application_logic, size)

    def mrmlViewNode(self) -> Any:
        return self._logic.GetViewNode()

    def cameraNode(self) -> Any:
        return self.displayableManagerByClassName("vtkMRMLCameraDisplayableManager").GetCameraNode()

    def resetFocalPoint(self) -> None:
        self.live().renderer.ResetCamera()

    def resetCamera(self, *_which: bool) -> None:
        self.live().renderer.ResetCamera()

    def rotateToViewAxis(self, axis: int) -> None:
        self.cameraNode().RotateTo(axis)


class _ViewWidget(QtWidgets.QWidget):
    """A colored bar with the view's name above the view."""

    def __init__(self, node: Any, view: _View) -> None:
        super().__init__()
        self._view = view
        self._bar = QtWidgets.QLabel(node.GetLayoutLabel() or node.GetLayoutName())
        red, green, blue = (round(255 * part) for part in node.GetLayoutColor())
        self._bar.setStyleSheet(f"background: rgb({red}, {green}, {blue}); color: black; padding-left: 6px")
        self._bar.setFixedHeight(_BAR_PX)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(view)

    def draw(self) -> None:
        self._view.draw()

    def close_live(self) -> None:
        self._view.close_live()

    def viewWidget(self) -> QtWidgets.QWidget:
        return self._view


class qMRMLSliceWidget(_ViewWidget):
    """One slice view with its own slice logic over the scene's slice node."""

    def __init__(self, node: Any, application_logic: Any) -> None:
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(node.GetScene())
        self._logic.SetSliceNode(node)
        self._logic.ResizeSliceNode(*FIRST_SIZE_PX)
        application_logic.GetSliceLogics().AddItem(self._logic)
        super().__init__(node, qMRMLSliceView(self._logic, application_logic))

    def sliceLogic(self) -> Any:
        return self._logic

    def logic(self) -> Any:
        return self._logic

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._logic.GetSliceCompositeNode()

    def sliceView(self) -> qMRMLSliceView:
        return self._view

    def sliceController(self) -> QtWidgets.QWidget:
        return self._bar

    def fitSliceToBackground(self) -> None:
        self._logic.FitSliceToBackground()

    def interactorStyle(self) -> Any:
        return self._view.live().style


class qMRMLThreeDWidget(_ViewWidget):
    """One 3D view with its own view logic over the scene's view node."""

    def __init__(self, node: Any, application_logic: Any) -> None:
        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetName(node.GetLayoutName())  # by it the logic finds its node in the scene
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(node.GetScene())
        application_logic.GetViewLogics().AddItem(self._logic)
        super().__init__(node, qMRMLThreeDView(self._logic, application_logic))

    def viewLogic(self) -> Any:
        return self._logic

    def logic(self) -> Any:
        return self._logic

    def mrmlViewNode(self) -> Any:
        return self._logic.GetViewNode()

    def threeDView(self) -> qMRMLThreeDView:
        return self._view

    def threeDController(self) -> QtWidgets.QWidget:
        return self._bar


def _inverse(matrix: Any) -> Any:
    inverse = slicer.util.vtkMatrixFromArray(slicer.util.arrayFromVTKMatrix(matrix))
    inverse.Invert()
    return inverse
