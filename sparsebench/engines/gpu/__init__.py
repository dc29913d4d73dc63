"""The fused GPU engine: the CPU's loop over sparse rows, one program for each network and tile.

Unmeasured: no GPU was at hand when it was written. Its results are tested through Triton's
interpreter, and what the compiler makes of it for an H200 is looked at without one.
"""
