"""Runs of the engine on one CT or many, as the panel starts and follows them. No widgets here."""
