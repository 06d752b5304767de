"""Views that only write down what they were asked to show."""

from __future__ import annotations


class WrittenDownViews:
    """``asked``: one tuple a call, such as ``("jump_to", "RCC")``."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def jump_to(self, label: str) -> None:
        self.asked.append(("jump_to", label))

    def show_annulus(self) -> None:
        self.asked.append(("show_annulus",))

    def show_ostium(self, label: str) -> None:
        self.asked.append(("show_ostium", label))

    def show_septum(self) -> None:
        self.asked.append(("show_septum",))

    def back(self) -> None:
        self.asked.append(("back",))

    def show_c_arm(self, lao_deg: float, cranial_deg: float) -> None:
        self.asked.append(("show_c_arm", lao_deg, cranial_deg))

    def place(self, label: str) -> None:
        self.asked.append(("place", label))

    def stop_placing(self) -> None:
        self.asked.append(("stop_placing",))
