"""The fused CPU engine: forward, loss and backward over all time steps as one compiled loop.

`population` is its face; `forward` prepares a single pass for timing. Everything else is what Numba
compiles: `tile` runs a network on as many strings as a vector has lanes, block by block (`block`),
cell by cell (`cells`, and a module for each), on `rows` and `gradients`, which are made of `simd`.
"""

try:
    import llvmlite  # noqa: F401
    import numba  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        f"the fused engine is compiled by Numba, and {error.name} is not installed: pip install "
        "'numba>=0.68', or use sparsebench.engines.reference, which computes the same about a "
        "hundred times more slowly"
    ) from error
