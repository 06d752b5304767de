"""A scene that only writes down what it was asked to show."""

from __future__ import annotations

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.desk import Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.review_protocols import SceneListener
from fedkd_slicer.slice_planes import NothingToShow


class WrittenDownSlices:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.can_go_back = False

    def show(self, target: str) -> None:
        if target == "RCO":
            raise NothingToShow("RCO is missing. Place it first.")
        self.asked.append(target)
        self.can_go_back = True

    def back(self) -> None:
        self.asked.append("back")
        self.can_go_back = False

    def jump_to(self, label: str) -> None:
        self.asked.append(f"to {label}")


class WrittenDownCArm:
    def __init__(self) -> None:
        self.asked: list[tuple[float, float]] = []
        self.can_go_back = False

    def show(self, lao_deg: float, cranial_deg: float) -> None:
        self.asked.append((lao_deg, cranial_deg))
        self.can_go_back = True

    def back(self) -> None:
        self.can_go_back = False


class WrittenDownPoints:
    def __init__(self) -> None:
        self.placing: str | None = None

    def start_placing(self, label: str) -> None:
        self.placing = label

    def stop_placing(self) -> None:
        self.placing = None


class WrittenDownScene:
    """``listener``: the review, to be told what a mouse would do."""

    def __init__(self, listener: SceneListener) -> None:
        self.listener = listener
        self.slices, self.c_arm, self.landmarks = WrittenDownSlices(), WrittenDownCArm(), WrittenDownPoints()
        self.was_closed = False

    def case_opened(self, case: OpenedCase) -> None: ...
    def review_changed(self, review: Review) -> None: ...
    def measurements_changed(self, measurements: Measurements) -> None: ...
    def save_state_changed(self, state: SaveState) -> None: ...
    def troubled(self, trouble: Trouble) -> None: ...
    def case_closed(self) -> None: ...

    def close(self) -> None:
        self.was_closed = True
