"""Hands reviewed cases on: whole case folders, to a folder of the reader's choice."""
