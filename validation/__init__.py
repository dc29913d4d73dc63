"""Scripts that measure what benchmarks do not, break the code, or feed it hostile files."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout, which is the scripts' working folder."""
