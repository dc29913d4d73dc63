"""The fused CPU engine: forward, loss and backward over all time steps in one compiled loop.

`population` is its interface; `forward` prepares a single pass for timing. Everything else is
compiled by Numba: `tile` runs a network on as many strings as a vector has lanes, block by block
(`block`), with the equations of a cell (`cells`, and a module for each), using `rows` and
`gradients`, which use `simd`.
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
