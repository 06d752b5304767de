"""What documents that people make have in common: review.json and reading.json."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from filelock import FileLock, Timeout
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fedkd.anatomy import LANDMARK_NAMES
from fedkd.atomic import writing_error
from fedkd.errors import ExitCode, FedkdError
from fedkd.plain_text import printable
from fedkd.pointsets.points import LARGEST_COORDINATE_MM

_Coordinate = Annotated[float, Field(ge=-LARGEST_COORDINATE_MM, le=LARGEST_COORDINATE_MM)]
PointLps = tuple[_Coordinate, _Coordinate, _Coordinate]


def _plain(text: str) -> str:
    if printable(text) != text:
        raise ValueError("it holds characters that are no text")
    return text


PlainText = Annotated[str, AfterValidator(_plain)]


class ReaderRecord(BaseModel):
    """A part of such a document: nothing unknown in it, no number that is none."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


_Document = TypeVar("_Document", bound=ReaderRecord)


def require_the_seven(labels: Sequence[str]) -> None:
    """Check that landmarks are the seven, in their order.

    Raises:
        ValueError: they are not.
    """
    if tuple(labels) != LANDMARK_NAMES:
        raise ValueError(f"the landmarks are {', '.join(labels)}, not {', '.join(LANDMARK_NAMES)}")


@dataclass(frozen=True)
class Wording:
    """How people are told of a damaged document: ``name`` such as "review of this case", ``again`` what to do anew."""

    name: str
    again: str
    most_bytes: int


def read_document(path: Path, kind: type[_Document], wording: Wording) -> _Document:
    """Return the document in a file.

    Raises:
        FedkdError: INPUT_UNREADABLE when it is damaged: nobody's work is taken for none.
    """
    try:
        # A pipe under that name would keep us waiting, and a device could give without end.
        if not path.is_file() or path.stat().st_size > wording.most_bytes:
            raise ValueError("it is no file of ours")
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:  # pydantic's errors are ValueErrors
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"The {wording.name} is damaged: {what}.",
            where=path,
            what_to_do=f"Move the file away to {wording.again} anew, or bring back a copy of it.",
        ) from error


@contextlib.contextmanager
def held_for_one(lock_file: Path, in_use: FedkdError) -> Iterator[None]:
    """Hold a lock in a folder below one that is there; the system frees the lock of a process that dies.

    Raises:
        FedkdError: ``in_use`` when another process holds it; OUTPUT_NOT_WRITABLE or DISK_FULL.
    """
    lock = FileLock(lock_file)
    try:
        lock_file.parent.mkdir(exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise in_use from error
    except OSError as error:
        raise writing_error(lock_file, error) from error
    try:
        yield
    finally:
        lock.release()
