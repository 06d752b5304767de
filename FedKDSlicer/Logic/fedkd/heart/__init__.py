"""The heart's whereabouts, from a mask file or from TotalSegmentator."""

from fedkd.heart.mask_file import region_from_mask_file
from fedkd.heart.region import HeartRegion

__all__ = ["HeartRegion", "region_from_mask_file"]
