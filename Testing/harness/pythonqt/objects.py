"""What PythonQt does with objects themselves: attribute access, children by class name, deletion."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui, QtWidgets

from harness.complaints import COMPLAINTS
from harness.documented import asked_by_product, is_documented, is_product_attribute
from harness.pythonqt.properties import bind, install_properties
from harness.pythonqt.signals import SignalFunction, connect, disconnect

QObject = QtCore.QObject
_OWN = {"connect": connect, "disconnect": disconnect}
_installed = False


def install_pythonqt_manners() -> None:
    """Change PySide6's classes, once a process."""
    global _installed  # noqa: PLW0603 (the classes changed are global as well)
    if _installed:
        return
    _installed = True
    native = QObject.__getattribute__
    QObject.__native_getattribute__ = native

    def get(self: QObject, name: str) -> Any:
        if name in _OWN:
            return bind(_OWN[name], self)
        if asked_by_product(name):
            _hold_to_list(self, name, native)
        value = native(self, name)
        if isinstance(value, QtCore.SignalInstance):
            return SignalFunction(self, name, value)
        return value

    QObject.__getattribute__ = get
    install_properties()
    _install_children()
    QObject.delete = _delete
    for kind in (QtWidgets.QDialog, QtWidgets.QMenu, QtCore.QEventLoop):
        kind.exec_ = kind.exec


def _hold_to_list(instance: QObject, name: str, native: Any) -> None:
    """Complain when code of the product asks for a name that is not there, or not listed."""
    kind = type(instance)
    if is_documented(kind, name) or is_product_attribute(instance, name):
        return
    try:
        native(instance, name)
    except AttributeError:
        raise COMPLAINTS.unknown(f"{kind.__name__}.{name}") from None
    raise COMPLAINTS.undocumented(f"{kind.__name__}.{name}")


def _install_children() -> None:
    find_all, inherits = QObject.findChildren, QObject.inherits

    def child(self: QObject, kind: Any, name: str = "") -> Any:
        found = children(self, kind, name)
        return found[0] if found else None

    def children(self: QObject, kind: Any, name: str = "") -> list[Any]:
        if not isinstance(kind, str):
            return find_all(self, kind, name) if name else find_all(self, kind)
        named = find_all(self, QObject, name) if name else find_all(self, QObject)
        return [each for each in named if inherits(each, kind)]

    QObject.findChild, QObject.findChildren = child, children


def _delete(self: QObject) -> None:
    shiboken6.delete(self)


QT_MODULES = (QtCore, QtGui, QtWidgets)
