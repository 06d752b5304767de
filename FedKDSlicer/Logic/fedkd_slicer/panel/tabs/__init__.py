"""The tabs of the panel: one file each, with its layout in Resources/UI."""
