"""The reading of one observer: pure state, its time, and how it is saved. Nothing here knows of Slicer."""
