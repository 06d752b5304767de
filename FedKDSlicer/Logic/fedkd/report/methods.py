"""How each number is made, for the end of the page."""

from __future__ import annotations

from dataclasses import dataclass

from fedkd.measurement.catalog import SPECIFICATIONS


@dataclass(frozen=True)
class Method:
    """How the measurements called ``names`` are made, and from what."""

    names: tuple[str, ...]
    text: str
    inputs: tuple[str, ...]


def _all_methods() -> tuple[Method, ...]:
    names: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in SPECIFICATIONS:
        names.setdefault((one.method, one.inputs), []).append(one.name)
    return tuple(Method(tuple(same), text, inputs) for (text, inputs), same in names.items())


# In the order of the catalog; measurements made alike stand together.
METHODS: tuple[Method, ...] = _all_methods()
