"""The engine seen from the panel: processes that speak JSON lines. Standard library only."""
