"""What the reader does next, in one sentence."""

from __future__ import annotations

from slicer.i18n import tr as _

from fedkd.anatomy import LANDMARK_NAMES
from fedkd_slicer.panel.review.state import ReviewState


def next_step(state: ReviewState, report_is_of_this_review: bool) -> str:
    """Return the sentence."""
    if state.decision == "rejected":
        return _("The case is rejected. Go on with the next one.")
    if state.decision == "accepted" and report_is_of_this_review:
        return _("Next: export the case below, or go on with another one.")
    if state.decision == "accepted":
        return _('Next: press "Write report, scene and DICOM" below, then export the case.')
    left = state.not_yet_accepted
    if left:
        text = _(
            "Next: look at {label} (press {key}). Space accepts it; drag it first where it lies wrong. {left} left."
        )
        return text.format(label=left[0], key=_key_of(left[0]), left=len(left))
    missing = [one.label for one in state.landmarks if one.state == "missing"]
    if missing:
        text = _("Next: place {label} (press {key}, then P), or accept or reject the case without it.")
        return text.format(label=missing[0], key=_key_of(missing[0]))
    return _("Next: all landmarks are accepted. Accept the case below, or reject it.")


def _key_of(label: str) -> int:
    return LANDMARK_NAMES.index(label) + 1
