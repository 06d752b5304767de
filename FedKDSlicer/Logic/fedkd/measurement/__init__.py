"""What a TAVI team reads from landmarks and CT: sizes, heights, angles, calcium, and whether they are plausible."""
