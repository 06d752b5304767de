"""FedKDSlicer's engine: a contrast CT goes in; landmarks and calcification come out.

The engine knows nothing of 3D Slicer, Qt, VTK or Fed-BioMed: those drive it from outside.
Coordinates are LPS millimeters everywhere; arrays are ordered ``zyx``.
"""

from typing import Final

__version__ = "0.1.0"

NOT_FOR_CLINICAL_USE: Final = "Research software. Not for clinical use."
