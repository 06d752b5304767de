"""The case folder: what one prediction leaves on disk."""
