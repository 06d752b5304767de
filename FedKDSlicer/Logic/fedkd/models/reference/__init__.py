"""Checkpoints of the study's code: what they are is read from their tensors' names and shapes."""

from fedkd.models.reference.load import REFERENCE_NORMALIZATIONS, load_reference

__all__ = ["REFERENCE_NORMALIZATIONS", "load_reference"]
