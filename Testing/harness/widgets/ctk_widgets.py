"""CTK's widgets on plain Qt ones."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

Signal, Property = QtCore.Signal, QtCore.Property
_HEADER_PX = 24
_UNLIMITED_PX = 16777215


class ctkCollapsibleButton(QtWidgets.QAbstractButton):
    """A header that shows and hides what lies below it."""

    contentsCollapsed = Signal(bool)

    def __init__(self, *given: Any) -> None:
        super().__init__(*(each for each in given if isinstance(each, QtWidgets.QWidget)))
        self._collapsed = False
        # As CTK's: a button's own policy would cut off text that wraps.
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Minimum, QtWidgets.QSizePolicy.Policy.Preferred)
        self.setContentsMargins(0, _HEADER_PX, 0, 0)
        if given and isinstance(given[0], str):
            self.setText(given[0])
        self.clicked.connect(lambda: self._collapse(not self._collapsed))

    def _collapse(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        for child in self.children():
            if isinstance(child, QtWidgets.QWidget):
                child.setVisible(not collapsed)
        self.setMaximumHeight(_HEADER_PX if collapsed else _UNLIMITED_PX)
        self.contentsCollapsed.emit(collapsed)

    collapsed = Property(bool, lambda self: self._collapsed, _collapse)
    contentsLineWidth = Property(int, lambda self: 1, lambda self, width: None)
    flat = Property(bool, lambda self: False, lambda self, flat: None)

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() < _HEADER_PX

    def sizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None and not self._collapsed else QtCore.QSize(120, _HEADER_PX)

    def minimumSizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        return layout.minimumSize() if layout is not None and not self._collapsed else QtCore.QSize(60, _HEADER_PX)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, self.width, _HEADER_PX - 2)
        self.style().drawControl(QtWidgets.QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        arrow = (
            "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}" if self._collapsed else "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"
        )
        painter.drawText(
            option.rect.adjusted(6, 0, -6, 0), QtCore.Qt.AlignmentFlag.AlignVCenter, f"{arrow}  {self.text}"
        )
        painter.end()


def _of_box(name: str, kind: type) -> QtCore.Property:
    """Return a property that the spin box inside a slider widget keeps."""
    return Property(kind, lambda self: getattr(self._box, name), lambda self, value: self._set(name, value))


class ctkSliderWidget(QtWidgets.QWidget):
    """A slider and a spin box that show one value."""

    valueChanged = Signal(float)
    valueIsChanging = Signal(float)
    SIGNALS = {"valueChanged(double)": "", "valueIsChanging(double)": ""}

    value = _of_box("value", float)
    minimum = _of_box("minimum", float)
    maximum = _of_box("maximum", float)
    singleStep = _of_box("singleStep", float)
    decimals = _of_box("decimals", int)
    prefix = _of_box("prefix", str)
    suffix = _of_box("suffix", str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self._box = QtWidgets.QDoubleSpinBox()
        self._box.setRange(0.0, 99.0)
        layout.addWidget(self._slider)
        layout.addWidget(self._box)
        self._show_on_slider()
        self._box.connect("valueChanged(double)", self._changed)
        self._slider.connect("valueChanged(int)", self._slid)

    def _changed(self, value: float) -> None:
        self._show_on_slider()
        self.valueChanged.emit(value)

    def _slid(self, steps: int) -> None:
        self._box.setValue(self._box.minimum + steps * self._step())

    def _step(self) -> float:
        return self._box.singleStep or 1.0

    def _show_on_slider(self) -> None:
        self._slider.blockSignals(True)
        self._slider.setRange(0, round((self._box.maximum - self._box.minimum) / self._step()))
        self._slider.setValue(round((self._box.value - self._box.minimum) / self._step()))
        self._slider.blockSignals(False)

    def setValue(self, value: float) -> None:
        self._box.setValue(value)

    def reset(self) -> None:
        self.setValue(0.0)

    def _set(self, name: str, value: Any) -> None:
        setattr(self._box, name, value)
        self._show_on_slider()

    def setRange(self, minimum: float, maximum: float) -> None:
        self._box.setRange(minimum, maximum)
        self._show_on_slider()


class ctkPathLineEdit(QtWidgets.QWidget):
    """A path to type, with a button that asks for one."""

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)
    SIGNALS = {"currentPathChanged(QString)": ""}
    Dirs, Files, NoSymLinks, Readable, Writable, Executable, NoFilter = 1, 2, 8, 16, 32, 64, -1

    def __init__(self, *given: Any) -> None:
        super().__init__(*(each for each in given if isinstance(each, QtWidgets.QWidget)))
        self._filters, self._label, self._name_filters, self._setting_key = self.Files, "", [], ""
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._box = QtWidgets.QComboBox()
        self._box.editable = True
        self._box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self._browse_button = QtWidgets.QToolButton()
        self._browse_button.text = "..."
        layout.addWidget(self._box)
        layout.addWidget(self._browse_button)
        self._box.connect("currentTextChanged(QString)", self._announce)
        self._browse_button.connect("clicked()", self.browse)

    def _announce(self, path: str) -> None:
        self.currentPathChanged.emit(path)

    def setCurrentPath(self, path: str) -> None:
        self._box.setEditText(path)

    def comboBox(self) -> QtWidgets.QComboBox:
        return self._box

    def browse(self) -> None:
        ask = QtWidgets.QFileDialog.getExistingDirectory
        if self._filters & self.Files:
            ask = QtWidgets.QFileDialog.getOpenFileName
        path = ask(self, "Select", self.currentPath)
        if path:
            self.setCurrentPath(path)

    def addCurrentPathToHistory(self) -> None:
        if self._box.findText(self.currentPath) < 0:
            self._box.addItem(self.currentPath)

    def _keep(name: str, kind: Any) -> QtCore.Property:  # noqa: N805 (makes properties while the class is made)
        return Property(kind, lambda self: getattr(self, name), lambda self, value: setattr(self, name, value))

    currentPath = Property(str, lambda self: self._box.currentText, setCurrentPath)
    filters = _keep("_filters", int)
    label = _keep("_label", str)
    nameFilters = _keep("_name_filters", "QStringList")
    settingKey = _keep("_setting_key", str)


class ctkCollapsibleGroupBox(QtWidgets.QGroupBox):
    """A group box whose check mark folds it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.setCheckable(True)
        self.toggled.connect(lambda opened: self.setMaximumHeight(_UNLIMITED_PX if opened else _HEADER_PX))

    collapsed = Property(bool, lambda self: not self.checked, lambda self, collapsed: self.setChecked(not collapsed))


class ctkComboBox(QtWidgets.QComboBox):
    """A combo box with a text for when nothing is chosen."""

    def _set_default_text(self, text: str) -> None:
        self.setPlaceholderText(text)

    defaultText = Property(str, lambda self: self.placeholderText, _set_default_text)


class ctkDoubleSpinBox(QtWidgets.QDoubleSpinBox):
    """A spin box for floating point numbers."""


class ctkFittedTextBrowser(QtWidgets.QTextBrowser):
    """A text browser as high as its text."""
