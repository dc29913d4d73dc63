"""The version of the arithmetic that trains and evaluates networks on CPUs."""

NUMERICS = "1"
"""Records with equal versions must have equal bits on every machine (docs/reference/numerics.md). A
change of the arithmetic, initial weights, orders of examples or data takes the next number."""


def numerics_of(device: str) -> str:
    """The version of the arithmetic that trains and evaluates on a device; empty on a GPU."""
    return NUMERICS if device == "cpu" else ""
