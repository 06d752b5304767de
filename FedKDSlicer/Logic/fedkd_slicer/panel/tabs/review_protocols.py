"""What the review widgets ask of the open case's scene; tests bring doubles. `CaseInScene` is what they get."""

from __future__ import annotations

from typing import Protocol

from fedkd_slicer.panel.review.desk import Onlooker


class SliceViews(Protocol):
    """The slice views."""

    @property
    def can_go_back(self) -> bool: ...
    def show(self, target: str) -> None:
        """Lay them along the annulus, an ostium or the septum.

        Raises:
            NothingToShow: a landmark is missing for it.
        """
        ...

    def back(self) -> None: ...
    def jump_to(self, label: str) -> None: ...


class CArmViews(Protocol):
    """The 3D view, as a C-arm sees the root."""

    @property
    def can_go_back(self) -> bool: ...
    def show(self, lao_deg: float, cranial_deg: float) -> None:
        """Look from there; LAO and cranial are positive.

        Raises:
            NothingToShow: without three hinge points.
        """
        ...

    def back(self) -> None: ...


class PlacedPoints(Protocol):
    """The landmarks in the views."""

    @property
    def placing(self) -> str | None:
        """The landmark that the next click places."""
        ...

    def start_placing(self, label: str) -> None: ...
    def stop_placing(self) -> None: ...


class CaseScene(Onlooker, Protocol):
    """The open case in scene and views."""

    @property
    def slices(self) -> SliceViews: ...
    @property
    def c_arm(self) -> CArmViews: ...
    @property
    def landmarks(self) -> PlacedPoints: ...
    def close(self) -> None:
        """Take out of the scene what was put in."""
        ...


class SceneListener(Protocol):
    """What the scene tells the review."""

    def told(self, text: str) -> None:
        """Something that was not done, and why."""
        ...

    def landmark_picked(self, label: str) -> None:
        """The reader took hold of a landmark in a view."""
        ...

    def case_lost(self, text: str) -> None:
        """The case cannot be shown any longer, and why."""
        ...


class MakeScene(Protocol):
    """Makes the scene of one review."""

    def __call__(self, listener: SceneListener) -> CaseScene: ...
