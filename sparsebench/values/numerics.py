"""The version of the arithmetic by which networks are trained and evaluated on CPUs."""

NUMERICS = "1"
"""What two records share whose bits must be the same on every machine (docs/reference/numerics.md).
A change of the arithmetic, initial weights, orders of examples or data takes the next number."""
