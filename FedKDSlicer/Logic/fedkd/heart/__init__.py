"""The heart's whereabouts, from a mask file or another program's segmentation."""

from fedkd.heart.region import HeartRegion

__all__ = ["HeartRegion"]
