"""Properties as attributes: ``label.text`` is the text, ``label.text = "x"`` sets it, ``label.foo = 1`` is refused."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from harness.complaints import COMPLAINTS
from harness.documented import asked_by_product, is_documented

QObject = QtCore.QObject
native_get = QObject.property
native_set = QObject.setProperty
native_name = QObject.objectName
native_set_name = QObject.setObjectName

_LOADING: list[bool] = []

# Virtual methods of the same name: Qt itself looks them up as attributes and would find the property.
_VIRTUAL = {"sizeHint", "minimumSizeHint"}


class PropertyAttribute:
    """A Qt property as a data descriptor. On the class, the native method stays reachable."""

    def __init__(self, name: str, writable: bool, native: Any) -> None:
        self._name, self._writable, self._native = name, writable, native

    def __get__(self, instance: QObject | None, owner: type) -> Any:
        if instance is None:
            return self._native
        return native_get(instance, self._name)

    def __set__(self, instance: QObject, value: Any) -> None:
        kind = type(instance).__name__
        if not self._writable:
            raise AttributeError(f"Property '{self._name}' of {kind} object is not writable")
        before = native_get(instance, self._name)
        if isinstance(before, str) != isinstance(value, str) and before is not None:
            raise ValueError(
                f"Property '{self._name}' of {kind} object does not accept an object of type {type(value).__name__}"
            )
        if not native_set(instance, self._name, value):
            raise ValueError(f"Property '{self._name}' of {kind} object does not accept {value!r}")


class NameAttribute:
    """``objectName`` under the short name that PythonQt gives it."""

    def __get__(self, instance: QObject | None, owner: type) -> Any:
        return self if instance is None else native_name(instance)

    def __set__(self, instance: QObject, value: str) -> None:
        native_set_name(instance, value)


def install_properties() -> None:
    """Give every class of QtCore, QtGui and QtWidgets its properties as attributes."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            candidate = getattr(module, name)
            if isinstance(candidate, type) and issubclass(candidate, QObject):
                _install_on(candidate)
    QObject.name = NameAttribute()
    QObject.className = lambda self: self.metaObject().className()


def _install_on(kind: type[QObject]) -> None:
    kind.__setattr__ = _refuse_new_attributes
    meta = kind.staticMetaObject
    first = 0 if kind is QObject else meta.propertyOffset()
    for index in range(first, meta.propertyCount()):
        qt_property = meta.property(index)
        name = qt_property.name()
        if name not in _VIRTUAL:
            setattr(kind, name, PropertyAttribute(name, qt_property.isWritable(), getattr(kind, name, None)))


def _refuse_new_attributes(self: QObject, name: str, value: Any) -> None:
    """Set a property or an attribute of a class written in Python; PythonQt refuses new ones on C++ objects."""
    kind = type(self)
    if asked_by_product(name) and hasattr(kind, name) and not is_documented(kind, name):
        raise COMPLAINTS.undocumented(f"{kind.__name__}.{name}")
    if not is_written_in_python(kind) and not hasattr(kind, name):
        if isinstance(value, QObject) and _LOADING:
            return  # PySide6's loader makes named children attributes of the root, PythonQt's does not
        raise AttributeError(
            f"Attribute '{name}' does not exist on {kind.__name__} "
            "and creating new attributes on C++ objects is not allowed"
        )
    descriptor = inspect.getattr_static(kind, name, None)
    if isinstance(descriptor, QtCore.Property):
        if not native_set(self, name, value):
            raise ValueError(f"Property '{name}' of {kind.__name__} object does not accept {value!r}")
    elif hasattr(type(descriptor), "__set__"):
        descriptor.__set__(self, value)
    else:
        self.__dict__[name] = value


@contextmanager
def loading_ui() -> Iterator[None]:
    """Let Qt's loader set attributes that nobody gets to see."""
    _LOADING.append(True)
    try:
        yield
    finally:
        _LOADING.pop()


def is_written_in_python(kind: type) -> bool:
    """Return whether the class itself, not only an ancestor, is Python code."""
    return not kind.__module__.startswith("PySide6")


def bind(function: Any, instance: Any) -> types.MethodType:
    return types.MethodType(function, instance)
