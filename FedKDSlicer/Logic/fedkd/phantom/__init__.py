"""Synthetic contrast CTs with exact truth: a whole patient from a seed, on any grid."""

from fedkd.phantom.cases import make_cases
from fedkd.phantom.fields import Field
from fedkd.phantom.make import Phantom, make_phantom

__all__ = ["Field", "Phantom", "make_cases", "make_phantom"]
