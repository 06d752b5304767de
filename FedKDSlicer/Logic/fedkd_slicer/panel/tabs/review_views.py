"""Buttons that turn the views to where the root is read: planes in the slice views, C-arm angles in 3D."""

from __future__ import annotations

from collections.abc import Callable

from fedkd_slicer.panel.tabs.review_c_arm import ReviewCArm
from fedkd_slicer.panel.tabs.review_protocols import CArmViews, SliceViews
from fedkd_slicer.panel.tabs.review_says import Says, attempt
from fedkd_slicer.panel.ui_files import load_ui


class ReviewViews:
    """Hands what is pressed to the views.

    Args:
        slices: the slice views.
        c_arm: the 3D view.
        says: shows why something cannot be shown.
    """

    def __init__(self, slices: SliceViews, c_arm: CArmViews, says: Says) -> None:
        self._slices = slices
        self._c_arm = c_arm
        self._says = says
        self.widget, self._ui = load_ui("ReviewViews")
        self.c_arm = ReviewCArm(self.show_c_arm)
        self._ui.cArmLayout.addWidget(self.c_arm.widget)
        for button, target in (
            (self._ui.annulusButton, "annulus"),
            (self._ui.rcoButton, "RCO"),
            (self._ui.lcoButton, "LCO"),
            (self._ui.septumButton, "septum"),
        ):
            button.connect("clicked()", self._shows(target))
        self._ui.backButton.connect("clicked()", self._back)
        self.allow_back()

    def show_c_arm(self, lao_deg: float, cranial_deg: float) -> bool:
        """Look as a C-arm does; False where that cannot be shown."""
        done = attempt(lambda: self._c_arm.show(lao_deg, cranial_deg), self._says)
        self.allow_back()
        return done

    def allow_back(self) -> None:
        """Offer the way back where there is one."""
        self._ui.backButton.setEnabled(self._slices.can_go_back or self._c_arm.can_go_back)

    def _shows(self, target: str) -> Callable[[], None]:
        def show() -> None:
            attempt(lambda: self._slices.show(target), self._says)
            self.allow_back()

        return show

    def _back(self) -> None:
        self._slices.back()
        self._c_arm.back()
        self.c_arm.forget_turn()
        self.allow_back()
