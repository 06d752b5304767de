"""CT volumes: finding, reading, checking and resampling them."""

from fedkd.volumes.ct_volume import CtSource, CtVolume
from fedkd.volumes.dicom_slices import order_dicom_slices
from fedkd.volumes.dicom_stack import Stack
from fedkd.volumes.downsample import downsample_to_grid
from fedkd.volumes.grids import covering_grid, voxels_around
from fedkd.volumes.hashing import sha256_of_files
from fedkd.volumes.inputs import CtInput, list_ct_inputs
from fedkd.volumes.pack_nrrd import pack_nrrd
from fedkd.volumes.read_ct import read_ct
from fedkd.volumes.resample import AIR_HU, resample_to_grid
from fedkd.volumes.single_file import as_one_file
from fedkd.volumes.volume_file import MarkedBox, VolumeFile, read_grid, read_marked_box, read_volume_file

__all__ = [
    "AIR_HU",
    "CtInput",
    "CtSource",
    "CtVolume",
    "MarkedBox",
    "Stack",
    "VolumeFile",
    "as_one_file",
    "covering_grid",
    "downsample_to_grid",
    "list_ct_inputs",
    "order_dicom_slices",
    "pack_nrrd",
    "read_ct",
    "read_grid",
    "read_marked_box",
    "read_volume_file",
    "resample_to_grid",
    "sha256_of_files",
    "voxels_around",
]
