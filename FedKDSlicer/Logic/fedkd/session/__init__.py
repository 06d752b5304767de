"""The engine at the side of a panel: one process a case, requests and answers as JSON lines."""
