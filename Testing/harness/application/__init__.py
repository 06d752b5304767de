"""Stand-ins for the application around the scene: windows, views, modules, files. The scene itself is the real one."""
