"""Names of the files of a labeled case, to train or to evaluate on: phantoms and real cases alike.

Where a case holds several files of a kind, the first name counts.
"""

from __future__ import annotations

from fedkd.case.layout import CALCIFICATION_FILE

# What phantoms are written as.
CT_FILE = "ct.nii.gz"
CALCIFICATION_LABEL_FILE = "calcification.nii.gz"
HEART_LABEL_FILE = "heart.nii.gz"
CORONARIES_LABEL_FILE = "coronaries.nii.gz"
DESCRIPTION_FILE = "case.json"

CT_FILES = (CT_FILE, "ct.nii", "ct.nrrd", "ct.mha")
CALCIFICATION_FILES = (CALCIFICATION_FILE, CALCIFICATION_LABEL_FILE, "calcification.nrrd")
HEART_FILES = (HEART_LABEL_FILE, "heart.nrrd", "heart.seg.nrrd")


def label_files(head: str) -> tuple[str, ...]:
    """Return the names that the label map of a head can have which is not one of ours."""
    return (f"{head}.seg.nrrd", f"{head}.nii.gz", f"{head}.nrrd")
