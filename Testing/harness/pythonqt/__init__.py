"""Qt as PythonQt shows it to Slicer's Python, on PySide6 and without a screen.

PySide6's own classes are changed in place, so that objects which C++ makes (``children()``, loaded ``.ui`` files)
behave alike. The change lasts as long as the process does.
"""
