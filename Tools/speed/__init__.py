"""How long a case takes, how much memory, and how that compares with the reference procedure."""
