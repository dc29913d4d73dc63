"""The fused GPU engine: the CPU engine's loops over sparse rows, one program per network and tile.

Its results are tested in Triton's interpreter and, if there is one, on a GPU; its speed there is in
docs/results/speed.md.
"""
