"""Accept the case, or reject it with a reason; who decided, and when; a comment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slicer.i18n import tr as _

from fedkd_slicer.panel.engine.trouble import Trouble
from fedkd_slicer.panel.pulse import Pulse
from fedkd_slicer.panel.review.decided import last_decision
from fedkd_slicer.panel.review.desk import Desk, Review
from fedkd_slicer.panel.review.live_measurements import Measurements
from fedkd_slicer.panel.review.opened_case import FindingLine, OpenedCase
from fedkd_slicer.panel.review.saver import SaveState
from fedkd_slicer.panel.review.state import ReviewState
from fedkd_slicer.panel.tabs.review_landmark_words import findings_about
from fedkd_slicer.panel.tabs.review_rest import AtRest
from fedkd_slicer.panel.tabs.review_says import Says, attempt
from fedkd_slicer.panel.ui_files import load_ui

_REST_S = 1.0


class ReviewDecision:
    """An onlooker of the desk.

    Args:
        desk: has the open case.
        reader: returns the reader's code.
        pulse: looks whether a comment has been written.
        says: shows why something cannot be done.
    """

    def __init__(self, desk: Desk, reader: Callable[[], str], pulse: Pulse, says: Says) -> None:
        self._desk = desk
        self._reader = reader
        self._says = says
        self._comment = AtRest(pulse, _REST_S, self._set_comment)
        self._review: Review | None = None
        self._findings: tuple[FindingLine, ...] = ()
        self.widget, self._ui = load_ui("ReviewDecision")
        self._ui.acceptAllButton.connect("clicked()", self._accept_all)
        self._ui.rejectButton.connect("clicked()", self._reject)
        self._ui.rejectReason.connect("returnPressed()", self._reject)
        self._ui.reopenButton.connect("clicked()", self._reopen)
        self._ui.commentField.connect("textEdited(QString)", self._comment.want)
        self._ui.commentField.connect("editingFinished()", self._comment.now)

    def case_opened(self, case: OpenedCase) -> None:
        """Begin with an empty reason; `review_changed` follows."""
        self._ui.rejectReason.clear()

    def review_changed(self, review: Review) -> None:
        """Show the decision and the comment."""
        state = review.state
        self._review = review
        self._show_decision()
        is_open = state.decision == "open"
        for widget in (self._ui.acceptAllButton, self._ui.rejectReason, self._ui.rejectButton):
            widget.setVisible(is_open)
        self._ui.reopenButton.setVisible(not is_open)
        if not self._comment.is_waiting and self._ui.commentField.text != state.comment:
            self._ui.commentField.text = state.comment
        self.show_reader()

    def measurements_changed(self, measurements: Measurements) -> None:
        """Take note of what is to be looked at before the case is accepted."""
        if measurements.findings != self._findings:
            self._findings = measurements.findings
            self._show_decision()

    def save_state_changed(self, state: SaveState) -> None:
        """Shown elsewhere."""

    def troubled(self, trouble: Trouble) -> None:
        """Shown elsewhere."""

    def case_closed(self) -> None:
        """Forget the case."""
        self._review, self._findings = None, ()
        self._comment.forget()
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

    def write_now(self) -> None:
        """Do not wait for the hand to rest: the case is about to be closed."""
        self._comment.now()

    def _show_decision(self) -> None:
        if self._review is not None:
            self._ui.decisionLine.text = decision_text(self._review, self._findings)

    def _accept_all(self) -> None:
        attempt(self._desk.accept_all, self._says)

    def _reject(self) -> None:
        reason = self._ui.rejectReason.text
        if attempt(lambda: self._desk.reject(reason), self._says):
            self._ui.rejectReason.clear()

    def _reopen(self) -> None:
        attempt(self._desk.reopen, self._says)

    def _set_comment(self, text: str) -> None:
        state = self._desk.state
        if state is not None and text != state.comment:
            attempt(lambda: self._desk.comment(text), self._says)


def decision_text(review: Review, findings: Sequence[FindingLine]) -> str:
    """Return in words how the case was decided, by whom and when; or what is still to be done."""
    state = review.state
    if state.decision == "open":
        return _to_do_text(review.state, findings)
    what = _("Accepted") if state.decision == "accepted" else _("Rejected: {reason}").format(reason=state.reason)
    event = last_decision(state.decision, review.events)
    if event is None:
        return what
    when = event.utc.astimezone().strftime("%Y-%m-%d %H:%M")
    return _("{what} (by {reader}, {when})").format(what=what, reader=event.reader, when=when)


def _to_do_text(state: ReviewState, findings: Sequence[FindingLine]) -> str:
    warnings = [finding for finding in findings if finding.severity == "warning"]
    doubtful = [label for label in state.not_yet_accepted if findings_about(label, warnings)]
    missing = [one.label for one in state.landmarks if one.state == "missing"]
    texts = [_("Not decided.")]
    if state.not_yet_accepted:
        texts.append(_("Not accepted yet: {labels}.").format(labels=", ".join(state.not_yet_accepted)))
    if doubtful:
        texts.append(_("With warnings, look at them first: {labels}.").format(labels=", ".join(doubtful)))
    if missing:
        texts.append(_("Missing, so not everything can be measured: {labels}.").format(labels=", ".join(missing)))
    return " ".join(texts)
