"""The heart's whereabouts and parts, from files or from TotalSegmentator."""

from fedkd.heart.labels import HeartLabels, heart_labels_from_file, parse_label_mapping
from fedkd.heart.mask_file import region_from_mask_file
from fedkd.heart.region import HeartRegion

__all__ = ["HeartLabels", "HeartRegion", "heart_labels_from_file", "parse_label_mapping", "region_from_mask_file"]
