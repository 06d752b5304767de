"""What a reader decided about a case: review.json, saved at every step beside the landmarks it speaks of."""

from fedkd.review.document import LandmarkReview, ReviewDocument, ReviewEvent
from fedkd.review.files import moved_since_review, open_review, read_review, review_lock, review_sha256, save_review

__all__ = [
    "LandmarkReview",
    "ReviewDocument",
    "ReviewEvent",
    "moved_since_review",
    "open_review",
    "read_review",
    "review_lock",
    "review_sha256",
    "save_review",
]
