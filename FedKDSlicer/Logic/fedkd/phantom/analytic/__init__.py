"""A root of exact, chosen shape: what measurements are tested against. Nothing in it is random but the noise."""

from fedkd.phantom.analytic.root import AnalyticRoot, Blob, Tissues
from fedkd.phantom.analytic.scan import Scan, paint_ct
from fedkd.phantom.analytic.truth import section_truth, truth

__all__ = ["AnalyticRoot", "Blob", "Scan", "Tissues", "paint_ct", "section_truth", "truth"]
