"""Scripts that measure what benchmarks do not, break the code, or feed it what nobody should trust."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout, where the scripts run."""
