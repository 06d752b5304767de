"""Readings of the inter-observer study: who placed which landmarks on which CT, how, and in how many seconds.

A reading lies in ``READINGS/<reader>/<case>/``, as the study's tools expect it; a second reading of a case by the same
observer has a reader folder of its own.
"""

from fedkd.annotation.document import ObservedLandmark, Reading
from fedkd.annotation.files import ReadingPlace, finish_reading, read_reading, reading_lock, save_reading
from fedkd.annotation.worklist import WorklistItem, shuffled, worklist

__all__ = [
    "ObservedLandmark",
    "Reading",
    "ReadingPlace",
    "WorklistItem",
    "finish_reading",
    "read_reading",
    "reading_lock",
    "save_reading",
    "shuffled",
    "worklist",
]
