"""Training cases on disk: which there are, which labels each has, and which are kept for testing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fedkd.anatomy import HEADS
from fedkd.case.labeled_files import CALCIFICATION_FILES, CT_FILES, HEART_FILES, label_files
from fedkd.case.layout import LANDMARKS_FILE
from fedkd.errors import ExitCode, FedkdError

TEST_SHARE = 0.2


@dataclass(frozen=True)
class TrainingCase:
    """One folder: a CT and whatever labels lie beside it (``None``: that label does not exist).

    ``soft``: files with teachers' probabilities, which teach their heads instead of the label.
    """

    case_id: str
    ct: Path
    landmarks: Path | None
    hps: Path | None
    ms: Path | None
    calcification: Path | None
    heart: Path | None
    soft: Mapping[str, Path] = field(default_factory=dict)

    @property
    def labeled_heads(self) -> frozenset[str]:
        """Heads for which this case has a file; a list of landmarks may still leave out all points of a head."""
        heads = set()
        if self.landmarks or self.hps:
            heads.add("hps")
        if self.landmarks or self.ms:
            heads.add("ms")
        if self.calcification:
            heads.add("calc")
        if self.heart:
            heads.add("heart")
        return frozenset(heads)

    def label_map(self, head: str) -> Path | None:
        """Return the label map of a head that is not one of ours, None when there is none."""
        return None if head in HEADS else _first(self.ct.parent, label_files(head))

    def has_label(self, head: str) -> bool:
        """True when there is a file for the head, whether it is one of ours or not."""
        return head in self.labeled_heads or self.label_map(head) is not None


def find_cases(folder: Path) -> list[TrainingCase]:
    """Return the cases in ``folder/<case id>/``, sorted by id. Folders without a CT are passed over.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is none.
    """
    if not folder.is_dir():
        raise _invalid("The folder with training cases does not exist.", folder)
    found = (_case_in(entry) for entry in sorted(folder.iterdir()) if entry.is_dir() and entry.name[0] != ".")
    cases = [case for case in found if case is not None]
    if not cases:
        raise _invalid(f"No training case was found: no subfolder has one of {', '.join(CT_FILES)}.", folder)
    return cases


def find_test_cases(folder: Path) -> list[TrainingCase]:
    """Return the cases in ``folder`` that are kept from training.

    Raises:
        FedkdError: TRAINING_DATA_INVALID when there is none.
    """
    found = find_cases(folder)
    kept = [case for case in found if is_test_case(case.case_id)]
    if not kept:
        raise _invalid(f"None of the {len(found)} cases is one that is kept for testing.", folder)
    return kept


def is_test_case(case_id: str) -> bool:
    """True for the fifth of all cases that no stage may train on.

    It depends on the id alone, so every stage, site and machine makes the same split.
    """
    digest = hashlib.sha256(case_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < TEST_SHARE


def _case_in(folder: Path) -> TrainingCase | None:
    ct = _first(folder, CT_FILES)
    if ct is None:
        return None
    return TrainingCase(
        case_id=folder.name,
        ct=ct,
        landmarks=_first(folder, (LANDMARKS_FILE,)),
        hps=_first(folder, ("hps.mps",)),
        ms=_first(folder, ("ms.mps",)),
        calcification=_first(folder, CALCIFICATION_FILES),
        heart=_first(folder, HEART_FILES),
    )


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _invalid(what: str, where: Path) -> FedkdError:
    return FedkdError(
        ExitCode.TRAINING_DATA_INVALID,
        what,
        where=where,
        what_to_do="Give a folder with one subfolder per case; `fedkd phantom make` makes such a folder.",
    )
