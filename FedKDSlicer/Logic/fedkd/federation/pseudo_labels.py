"""Files of pseudo labels: in a folder of the site's own, so that no human label can ever be written over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk
from pydantic import Field, ValidationError

from fedkd.anatomy import HEADS, POINT_HEADS
from fedkd.atomic import write_atomically, write_text_atomically, writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.federation.looks import Look
from fedkd.federation.names import Frozen, Sha256
from fedkd.pointsets import PointList, write_points
from fedkd.training.cases import TrainingCase
from fedkd.training.soft_labels import SOFT_SUFFIX, write_soft_label

_CALCIFICATION = "calcification.nii.gz"
# Less sure points teach the student the teacher's mistakes.
LEAST_CONFIDENCE = 0.1


class LabeledHead(Frozen):
    """What became of one head of a case: ``reason`` is empty when it was labeled."""

    teacher_sha256: Sha256
    reason: str = ""


class _Record(Frozen):
    heads: dict[str, LabeledHead] = Field(default={})


@dataclass(frozen=True)
class PseudoLabels:
    """The pseudo labels of one case.

    Args:
        folder: of this case.
    """

    folder: Path

    def state_of(self, head: str) -> LabeledHead | None:
        """Return what became of a head, None when it was not yet looked at, or its note is damaged."""
        return self._record().heads.get(head)

    def path_of(self, head: str) -> Path | None:
        """Return the file of a head's pseudo label, None when there is none."""
        state = self.state_of(head)
        if state is None or state.reason:
            return None
        path = self.folder / _file_of(head)
        return path if path.is_file() else None

    def soft_path_of(self, head: str) -> Path | None:
        """Return the file of what a teacher saw, None when it was not kept, or is no label."""
        path = self.folder / f"{head}{SOFT_SUFFIX}"
        return path if self.path_of(head) is not None and path.is_file() else None

    def write(self, look: Look, head: str, teacher_sha256: str, *, keep_soft: bool = False) -> str:
        """Write what a teacher saw of one head, the note of it last; return why it is no label, else an empty text.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(self.folder, error) from error
        reason = self._write_points(look, head) if head in POINT_HEADS else self._write_calcification(look)
        if keep_soft and not reason:
            write_soft_label(self.folder / f"{head}{SOFT_SUFFIX}", look.maps[head], look.grid)
        self.note(head, teacher_sha256, reason)
        return reason

    def note(self, head: str, teacher_sha256: str, reason: str) -> None:
        """Note what became of a head.

        Raises:
            FedkdError: OUTPUT_NOT_WRITABLE or DISK_FULL.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_error(self.folder, error) from error
        heads = self._record().heads | {head: LabeledHead(teacher_sha256=teacher_sha256, reason=reason)}
        write_text_atomically(self._record_path, _Record(heads=heads).model_dump_json(indent=1) + "\n")

    def _write_points(self, look: Look, head: str) -> str:
        names = HEADS[head].channels[1:]
        unsure = [name for name in names if look.confidences.get(name, 0.0) < LEAST_CONFIDENCE]
        if unsure:
            # A file that lists a point as undefined would teach that it is out of view; the teacher just missed it.
            return "points_not_found"
        points: dict[str, tuple[float, float, float] | None] = {}
        for name in names:
            x, y, z = (float(value) for value in look.points_lps_mm[name])
            points[name] = (x, y, z)
        write_points(self.folder / _file_of(head), PointList.from_positions(points))
        return ""

    def _write_calcification(self, look: Look) -> str:
        outline = look.calcification

        def save(temporary: Path) -> None:
            try:
                sitk.WriteImage(outline, str(temporary), useCompression=True, compressionLevel=1)
            except RuntimeError as error:  # SimpleITK's own, without the operating system's reason
                raise FedkdError(
                    ExitCode.OUTPUT_NOT_WRITABLE,
                    "A pseudo label could not be written.",
                    where=self.folder,
                    what_to_do="Check that there is space and that you may write there.",
                ) from error

        write_atomically(self.folder / _CALCIFICATION, save)
        return ""

    def _record(self) -> _Record:
        try:
            return _Record.model_validate_json(self._record_path.read_bytes())
        except (OSError, ValidationError):
            return _Record()

    @property
    def _record_path(self) -> Path:
        return self.folder / "pseudo.json"


def with_pseudo_labels(
    case: TrainingCase, labels: PseudoLabels, human_heads: frozenset[str], *, is_soft: bool
) -> TrainingCase:
    """Return the case with human labels of ``human_heads`` and pseudo labels of the others, where there are any.

    ``is_soft``: where a teacher's probabilities were kept, they teach instead of the pseudo label, which still says
    where in the CT to look.
    """
    own = {
        "hps": case.landmarks or case.hps,
        "ms": case.landmarks or case.ms,
        "calc": case.calcification,
    }
    chosen = {head: path if head in human_heads else labels.path_of(head) for head, path in own.items()}
    return TrainingCase(
        case_id=case.case_id,
        ct=case.ct,
        landmarks=None,
        hps=chosen["hps"],
        ms=chosen["ms"],
        calcification=chosen["calc"],
        heart=case.heart if "heart" in human_heads else None,
        soft={head: path for head in own if head not in human_heads and (path := labels.soft_path_of(head))}
        if is_soft
        else {},
    )


def _file_of(head: str) -> str:
    return f"{head}.mrk.json" if head in POINT_HEADS else _CALCIFICATION
