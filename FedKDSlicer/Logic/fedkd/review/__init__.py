"""What a reader decided about a case: review.json, saved at every step beside the landmarks it speaks of."""

from fedkd.review.document import LandmarkReview, ReviewDocument, ReviewEvent
from fedkd.review.files import open_review, read_review, review_lock, save_review

__all__ = [
    "LandmarkReview",
    "ReviewDocument",
    "ReviewEvent",
    "open_review",
    "read_review",
    "review_lock",
    "save_review",
]
