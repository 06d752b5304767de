"""What the review widgets ask of the scene and its views; tests bring doubles."""

from __future__ import annotations

from typing import Protocol


class Views(Protocol):
    """Turns the views to where the reader wants to look."""

    def jump_to(self, label: str) -> None:
        """Put all slices through a landmark; one without a position leaves them as they are."""
        ...

    def show_annulus(self) -> None:
        """Lay the slice views along the annulus plane."""
        ...

    def show_ostium(self, label: str) -> None:
        """Lay the slice views along RCO or LCO."""
        ...

    def show_septum(self) -> None:
        """Lay the slice views along the membranous septum."""
        ...

    def back(self) -> None:
        """Put the slice views back to where they were before any of these."""
        ...

    def show_c_arm(self, lao_deg: float, cranial_deg: float) -> None:
        """Turn the 3D view to how a C-arm sees it from there; LAO and cranial are positive."""
        ...

    def place(self, label: str) -> None:
        """Let the next click in a view place a landmark."""
        ...

    def stop_placing(self) -> None:
        """Let clicks be clicks again."""
        ...
