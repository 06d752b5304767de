"""Which views Slicer's window shows."""

from __future__ import annotations

from collections.abc import Iterable

import slicer

_FOUR_UP = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView


def slices(names: Iterable[str]) -> dict[str, slicer.vtkMRMLSliceNode]:
    """Return the slice views of these names, as far as there are such, on the screen or not."""
    widgets = {name: slicer.app.layoutManager().sliceWidget(name) for name in names}
    return {name: widget.mrmlSliceNode() for name, widget in widgets.items() if widget is not None}


def first_three_d() -> slicer.qMRMLThreeDWidget | None:
    """Return the first 3D view, on the screen or not; None where there never was one."""
    return slicer.app.layoutManager().threeDWidget(0)


def shown_slices(names: Iterable[str]) -> dict[str, slicer.vtkMRMLSliceNode]:
    """Return the slice views of these names; with none of them on the screen, four views are laid out first."""
    names = tuple(names)
    manager = slicer.app.layoutManager()
    if not any(_is_shown(manager.sliceWidget(name)) for name in names):
        manager.setLayout(_FOUR_UP)
    return slices(names)


def shown_three_d() -> slicer.qMRMLThreeDWidget:
    """Return the first 3D view; with none on the screen, four views are laid out first."""
    manager = slicer.app.layoutManager()
    if not any(_is_shown(manager.threeDWidget(index)) for index in range(manager.threeDViewCount)):
        manager.setLayout(_FOUR_UP)
    return manager.threeDWidget(0)


def _is_shown(widget: slicer.qMRMLSliceWidget | slicer.qMRMLThreeDWidget | None) -> bool:
    return widget is not None and bool(widget.visible)
