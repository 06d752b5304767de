"""What a reader decides about a case: pure state, its history, and how it is saved. Nothing here knows of Slicer."""
