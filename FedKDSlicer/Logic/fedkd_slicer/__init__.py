"""Results of the engine as 3D Slicer shows them: scenes and rendered views.

Coordinates are RAS millimeters here, as in Slicer; names say so (``_ras_mm``). The engine speaks LPS.
"""
