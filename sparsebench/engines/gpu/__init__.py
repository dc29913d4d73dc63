"""The fused GPU engine: the CPU engine's loops over sparse rows, one program per network and tile.

Its results are tested in Triton's interpreter and, if there is one, on a GPU; docs/engine.md tells
its speed there.
"""
