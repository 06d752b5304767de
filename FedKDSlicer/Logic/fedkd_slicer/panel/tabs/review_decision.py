"""Accept the case, or reject it with a reason; who decided, and when; a comment."""

from __future__ import annotations

from collections.abc import Callable

from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.review.decided import last_decision
from fedkd_slicer.panel.review.desk import Desk, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.tabs.review_says import Says, attempt
from fedkd_slicer.panel.ui_files import load_ui


class ReviewDecision:
    """An onlooker of the desk.

    Args:
        desk: has the open case.
        reader: returns the reader's code.
        says: shows why something cannot be done.
    """

    def __init__(self, desk: Desk, reader: Callable[[], str], says: Says) -> None:
        self._desk = desk
        self._reader = reader
        self._says = says
        self.widget, self._ui = load_ui("ReviewDecision")
        self._ui.acceptAllButton.connect("clicked()", self._accept_all)
        self._ui.rejectButton.connect("clicked()", self._reject)
        self._ui.rejectReason.connect("returnPressed()", self._reject)
        self._ui.reopenButton.connect("clicked()", self._reopen)
        self._ui.commentField.connect("editingFinished()", self._comment)

    def case_opened(self, case: OpenedCase) -> None:
        """Begin with an empty reason; `review_changed` follows."""
        self._ui.rejectReason.clear()

    def review_changed(self, review: Review) -> None:
        """Show the decision and the comment."""
        state = review.state
        self._ui.decisionLine.text = decision_text(review)
        is_open = state.decision == "open"
        for widget in (self._ui.acceptAllButton, self._ui.rejectReason, self._ui.rejectButton):
            widget.setVisible(is_open)
        self._ui.reopenButton.setVisible(not is_open)
        if self._ui.commentField.text != state.comment:
            self._ui.commentField.text = state.comment
        self.show_reader()

    def measurements_changed(self, measurements: Measurements) -> None:
        """Shown elsewhere."""

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Forget the case."""
        self._ui.commentField.clear()
        self._ui.rejectReason.clear()

    def show_reader(self) -> None:
        """Show by whose code the next step is recorded."""
        code = self._reader()
        self._ui.readerLine.text = (
            _("Recorded as reader {code} (Settings).").format(code=code)
            if code
            else _("No reader code is set: enter yours under Settings, so that the record says who decided.")
        )

    def _accept_all(self) -> None:
        attempt(self._desk.accept_all, self._says)

    def _reject(self) -> None:
        reason = self._ui.rejectReason.text
        if attempt(lambda: self._desk.reject(reason), self._says):
            self._ui.rejectReason.clear()

    def _reopen(self) -> None:
        attempt(self._desk.reopen, self._says)

    def _comment(self) -> None:
        state = self._desk.state
        text = self._ui.commentField.text
        if state is not None and text != state.comment:
            attempt(lambda: self._desk.comment(text), self._says)


def decision_text(review: Review) -> str:
    """Return in words how the case was decided, by whom and when; or what is still to be done."""
    state = review.state
    if state.decision == "open":
        return _to_do_text(review)
    what = _("Accepted") if state.decision == "accepted" else _("Rejected: {reason}").format(reason=state.reason)
    event = last_decision(state.decision, review.events)
    if event is None:
        return what
    when = event.utc.astimezone().strftime("%Y-%m-%d %H:%M")
    return _("{what} (by {reader}, {when})").format(what=what, reader=event.reader, when=when)


def _to_do_text(review: Review) -> str:
    left = review.state.not_yet_accepted
    missing = [one.label for one in review.state.landmarks if one.state == "missing"]
    texts = [_("Not decided.")]
    if left:
        texts.append(_("Not accepted yet: {labels}.").format(labels=", ".join(left)))
    if missing:
        texts.append(_("Missing: {labels}.").format(labels=", ".join(missing)))
    return " ".join(texts)
