"""Many cases, one after the other, in a process of their own that a light one watches over."""
