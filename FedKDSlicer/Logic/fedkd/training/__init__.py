"""Training of any of the networks on folders of (partly) labeled cases."""
