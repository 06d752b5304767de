"""``object.connect('clicked(bool)', slot)`` and ``object.clicked.connect(slot)`` as PythonQt has them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6 import QtCore

from harness.complaints import COMPLAINTS

QObject = QtCore.QObject
_CONNECTIONS = "_pythonqt_connections"


@dataclass(frozen=True)
class Connection:
    signature: str
    slot: Callable[..., Any]
    signal: Any
    receiver: Callable[..., Any]


def normalized(signature: str) -> str:
    """Return the signature as Qt's meta-object spells it."""
    return QtCore.QMetaObject.normalizedSignature(signature).data().decode()


def connect(self: QObject, signature: str, *target: Any) -> bool:
    """Call ``target`` (a callable, or an object and the signature of its slot) whenever the signal comes.

    Raises:
        ValueError: this class has no such signal. PythonQt returns False there, which nobody looks at.
    """
    slot = target[0] if len(target) == 1 else getattr(target[0], target[1].split("(")[0])
    spelled = normalized(signature)
    signal = find_signal(self, spelled)
    if signal is None:
        COMPLAINTS.add(f"{type(self).__name__} has no signal {signature!r}")
        raise ValueError(f"{type(self).__name__} has no signal {signature!r}")
    _remember(self, Connection(spelled, slot, signal, receiver_of(slot, argument_count(spelled))))
    return True


def disconnect(self: QObject, signature: str | None = None, *target: Any) -> bool:
    """End connections made by :func:`connect`. Returns whether there was one."""
    slot = None
    if target:
        slot = target[0] if len(target) == 1 else getattr(target[0], target[1].split("(")[0])
    spelled = None if signature is None else normalized(signature)
    found = False
    for connection in list(_connections(self)):
        if _is_of(connection, spelled) and slot in (None, connection.slot):
            connection.signal.disconnect(connection.receiver)
            _connections(self).remove(connection)
            found = True
    return found


def _is_of(connection: Connection, spelled: str | None) -> bool:
    # What was connected as ``button.clicked.connect`` is remembered by the signal's name alone.
    return spelled in (None, connection.signature) or spelled.split("(")[0] == connection.signature


class SignalFunction:
    """What ``button.clicked`` is: ``connect``, ``disconnect``, and a call that emits."""

    def __init__(self, sender: QObject, name: str, native: Any) -> None:
        self._sender, self._name, self._native = sender, name, native

    def connect(self, *target: Any) -> bool:
        slot = target[0] if len(target) == 1 else getattr(target[0], target[1].split("(")[0])
        receiver = receiver_of(slot, None)
        _remember(self._sender, Connection(self._name, slot, self._native, receiver))
        return True

    def disconnect(self, *target: Any) -> bool:
        slot = target[0] if target else None
        found = False
        for connection in list(_connections(self._sender)):
            if connection.signature.split("(")[0] == self._name and slot in (None, connection.slot):
                connection.signal.disconnect(connection.receiver)
                _connections(self._sender).remove(connection)
                found = True
        return found

    def emit(self, *values: Any) -> None:
        self._native.emit(*values)

    __call__ = emit

    def __getitem__(self, types: Any) -> Any:
        return self._native[types]


def find_signal(sender: QObject, spelled: str) -> Any | None:
    """Return PySide6's signal for a signature, or None."""
    name = spelled.split("(", maxsplit=1)[0]
    declared = getattr(type(sender), "SIGNALS", {})
    if spelled in declared:
        return object.__getattribute__(sender, name)
    if sender.metaObject().indexOfSignal(spelled) < 0:
        return None
    signal = QObject.__native_getattribute__(sender, name)
    types = spelled.split("(", 1)[1][:-1]
    if types:
        try:
            return signal[types]
        except (IndexError, KeyError, TypeError):
            return signal
    return signal


def argument_count(spelled: str) -> int:
    inside = spelled.split("(", 1)[1][:-1]
    return len(inside.split(",")) if inside else 0


def receiver_of(slot: Callable[..., Any], count: int | None) -> Callable[..., None]:
    """Return a function that calls ``slot`` with as many values as it takes, and notes what it raises."""
    accepted = _accepted_count(slot)

    def receive(*values: Any) -> None:
        given = values if count is None else values[:count]
        try:
            slot(*(given if accepted is None else given[:accepted]))
        except Exception as error:  # noqa: BLE001 (whatever it is, the test has to fail by it)
            COMPLAINTS.add_exception(f"the slot {slot!r}", error)

    return receive


def _accepted_count(slot: Callable[..., Any]) -> int | None:
    owner = getattr(slot, "__self__", None)
    if isinstance(owner, QObject) and not inspect.isfunction(getattr(slot, "__func__", None)):
        return None
    try:
        parameters = inspect.signature(slot).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def _connections(sender: QObject) -> list[Connection]:
    return sender.__dict__.setdefault(_CONNECTIONS, [])


def _remember(sender: QObject, connection: Connection) -> None:
    connection.signal.connect(connection.receiver)
    _connections(sender).append(connection)


def is_alive(instance: QObject) -> bool:
    return bool(shiboken6.isValid(instance))
