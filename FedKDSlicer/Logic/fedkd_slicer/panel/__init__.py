"""The module's panel. Nothing here, nor anything it imports, needs a package that Slicer does not bring.

The engine runs in processes of its own (`panel.engine`); what is imported of it here are names, colors and wording.
"""
