"""Turn the files and folders a user names into a list of cases."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedkd.errors import ExitCode, FedkdError
from fedkd.volumes.dicom_scan import claims_dicom, files_below, study_of
from fedkd.volumes.file_formats import FILE_FORMATS, format_of, stem_of
from fedkd.volumes.worklist_table import SUFFIX, cts_of_table

# In a case folder (phantoms, labeled cases) the CT has this name; the other images there are its labels.
_CT_STEM = "ct"
_SEGMENTATION_END = ".seg.nrrd"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80
# Windows does not allow these as folder names.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class CtInput:
    """One CT to work on: ``case_id`` is safe as a folder name and unique in its list, whatever case is compared."""

    case_id: str
    path: Path


def list_ct_inputs(paths: Sequence[Path]) -> list[CtInput]:
    """Return one input for every CT among the files and folders, in the order given, none twice.

    A folder with DICOM files in it is one CT, and so are folders with DICOM of one study side by side. A folder with
    a file ``ct.*`` is one case. In other folders every image file, every case folder and every folder with DICOM is
    one CT. A CSV file stands for the CTs that its column "ct" names; one that is missing is an input all the same, so
    that it fails alone. The id of a case comes from the name of its file or folder.

    Raises:
        FedkdError: INPUT_NOT_FOUND for a missing path, or a folder with nothing that can be read; INPUT_UNREADABLE for
            a CSV file that is no table of CTs.
    """
    found = [ct for path in paths for ct in _cts_named(Path(path))]
    unique: dict[Path, Path] = {}
    for ct in found:
        unique.setdefault(ct.resolve(), ct)
    cts = list(unique.values())
    return [CtInput(case_id, ct) for case_id, ct in zip(_case_ids(cts), cts, strict=True)]


def safe_name(path: Path) -> str:
    """Return the name of a CT's file or folder, made safe as a folder name; ``case/ct.nii.gz`` gives ``case``."""
    place = path.resolve()
    stem = place.name if path.is_dir() else stem_of(path)
    if path.is_file() and stem.lower() == _CT_STEM:
        stem = place.parent.name
    name = _UNSAFE.sub("_", stem).strip("._")[:_LONGEST_NAME].rstrip("._")
    return f"case_{name}" if not name or _RESERVED.fullmatch(name) else name


def _cts_named(path: Path) -> list[Path]:
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return _cts_at(path)
    return [ct for named in cts_of_table(path) for ct in (_cts_at(named) if named.exists() else [named])]


def _cts_at(path: Path) -> list[Path]:
    if not path.exists():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND, "There is no such file or folder.", where=path, what_to_do="Check the path."
        )
    if not path.is_file() and not path.is_dir():
        raise FedkdError(
            ExitCode.INPUT_NOT_FOUND,
            "This is neither a file nor a folder.",
            where=path,
            what_to_do="Give a CT file, or a folder with CTs.",
        )
    if path.is_file() or any(map(claims_dicom, _entries(path))):
        return [path]
    case_ct = _ct_of_case(path)
    if case_ct:
        return [case_ct]
    cts = _cts_in(path)
    if cts:
        return cts
    known = " ".join(suffix for known_format in FILE_FORMATS for suffix in known_format.suffixes)
    raise FedkdError(
        ExitCode.INPUT_NOT_FOUND,
        f"There is no CT in this folder (looked for {known}, and for DICOM files at any depth).",
        where=path,
        what_to_do="Give a CT file, the folder with its DICOM files, or a folder of such.",
    )


def _cts_in(folder: Path) -> list[Path]:
    files = [entry for entry in _entries(folder) if entry.is_file() and _may_be_ct(entry)]
    folders = [entry for entry in _entries(folder) if entry.is_dir() and not entry.is_symlink()]
    studies = {entry: study for entry in folders if (study := _study_below(entry)) is not None}
    if len(studies) > 1 and len(set(studies.values())) == 1 and not files:
        return [folder]  # the series of one examination: the right one is chosen when it is read
    cases = [ct for entry in folders if entry not in studies and (ct := _ct_of_case(entry))]
    return sorted([*files, *studies, *cases])


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise FedkdError(
            ExitCode.INPUT_UNREADABLE,
            f"The folder cannot be listed ({error.strerror or error}).",
            where=folder,
            what_to_do="Check the permissions of the folder.",
        ) from error


def _may_be_ct(file: Path) -> bool:
    return format_of(file) is not None and not file.name.lower().endswith(_SEGMENTATION_END)


def _ct_of_case(folder: Path) -> Path | None:
    named = (entry for entry in _entries(folder) if entry.is_file() and stem_of(entry).lower() == _CT_STEM)
    return next(filter(_may_be_ct, named), None)


def _study_below(folder: Path) -> str | None:
    """Return the study of the first DICOM file below ``folder`` (empty when it cannot be read), None without any."""
    first = next((file for file in files_below(folder) if claims_dicom(file)), None)
    return None if first is None else study_of(first)


def _case_ids(cts: Sequence[Path]) -> list[str]:
    names = [safe_name(ct) for ct in cts]
    uses = Counter(name.lower() for name in names)
    return [
        name if uses[name.lower()] == 1 else f"{name}-{_path_hash(ct)}" for name, ct in zip(names, cts, strict=True)
    ]


def _path_hash(path: Path) -> str:
    # Of the path, not the place in the list: a later run over the same files finds the same folders.
    return hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()[:8]
