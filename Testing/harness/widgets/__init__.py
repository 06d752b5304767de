"""Stand-ins for the widgets of CTK and Slicer: their properties, slots and invokable methods, and no more."""
