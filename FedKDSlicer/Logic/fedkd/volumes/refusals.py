"""The refusals that several readers share, so that one fault always reads the same."""

from __future__ import annotations

from fedkd.errors import ExitCode, FedkdError


def unreadable(where: object, why: str) -> FedkdError:
    """The data are truncated, corrupt or stored in a way that is not supported. ``why`` is a sentence."""
    return FedkdError(
        ExitCode.INPUT_UNREADABLE,
        why,
        where=where,
        what_to_do="Copy or export the CT again (3D Slicer can save it as .nrrd or .nii.gz).",
    )


def not_a_volume(where: object, found: str) -> FedkdError:
    """The image is no single 3D volume of one number per voxel. ``found`` says what it is."""
    return FedkdError(
        ExitCode.NOT_A_VOLUME,
        f"This is not one 3D volume: {found}.",
        where=where,
        what_to_do="Give one 3D CT volume; of a series over time, export one phase (best about 70 % of the cycle).",
    )


def bad_geometry(where: object, why: str) -> FedkdError:
    """Positions in the patient cannot be derived from the file. ``why`` is a sentence."""
    return FedkdError(
        ExitCode.GEOMETRY_INVALID,
        why,
        where=where,
        what_to_do="Export the original axial series from the scanner or PACS again, without editing its header.",
    )
