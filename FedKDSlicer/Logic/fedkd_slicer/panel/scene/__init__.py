"""The open case in Slicer's scene and views. Coordinates are RAS here where names say so; the desk speaks LPS."""
