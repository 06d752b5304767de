"""The real finisher with a quick scene and report."""

from __future__ import annotations

from makers import quick_makers  # beside this script

from fedkd.cohort import finisher

if __name__ == "__main__":
    finisher.main(quick_makers())
